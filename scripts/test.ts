/**
 * `npm test`: installs a browser if there is none, runs the unit, property, simulation and adversary tests (Vitest),
 * builds the app and runs the end-to-end tests (Playwright). Last line: `total: N passed, N failed, N skipped`.
 * SIMULATE_SEEDS, MODEL_SEEDS and FUZZ_INPUTS lengthen the simulation, the model of authority and the fuzzing
 * (tests/simulation reads them).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installBrowser } from './install-browser';
import { playwrightTotal, sum, totalLine, vitestTotal, type Run } from './test-total';

const root = fileURLToPath(new URL('..', import.meta.url));
const unitReport = join(root, 'reports/unit.json');
const e2eReport = join(root, 'reports/e2e.json');

mkdirSync(join(root, 'reports'), { recursive: true });
installBrowser();
const total = sum([
	vitestTotal(
		run(unitReport, 'node_modules/vitest/vitest.mjs', [
			'run',
			'--reporter=default',
			'--reporter=json',
			`--outputFile.json=${unitReport}`
		])
	),
	playwrightTotal(run(e2eReport, 'node_modules/@playwright/test/cli.js', ['test']))
]);
process.stdout.write(`${totalLine(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Runs a test runner to its end, and reads what it reported in this run (an older report is removed first). */
function run(reportPath: string, script: string, args: readonly string[]): Run {
	rmSync(reportPath, { force: true });
	const { status, error } = spawnSync(process.execPath, [join(root, script), ...args], {
		cwd: root,
		stdio: 'inherit'
	});
	if (error) throw error;
	return { exitCode: status ?? 1, report: existsSync(reportPath) ? readFileSync(reportPath, 'utf8') : null };
}
