/**
 * npm run simulate -- --seeds 2000 [--from 1] [--trace]: one line of JSON at the end, an exit code if anything broke.
 * With --model keys who can open which epoch; with --model content what is said about messages; with --model authority
 * the fold of authority alone, on random histories; --explain tells of the first seed.
 */
import { parseArgs } from 'node:util';
import { explain } from './authority/explain';
import { runAuthorityModel } from './authority/run-model';
import { runContentModel } from './content/run-model';
import { runKeysModel } from './keys/run-model';
import { simulate } from './simulation';
import { Summary } from './summary';

const { values } = parseArgs({
	options: {
		model: { type: 'string', default: 'group' },
		explain: { type: 'boolean', default: false },
		seeds: { type: 'string', default: '200' },
		from: { type: 'string', default: '1' },
		trace: { type: 'boolean', default: false }
	}
});
const seeds = Number(values.seeds);
const from = Number(values.from);
const out = (line: string): void => void process.stdout.write(`${line}\n`);
let current = from;
process.on('unhandledRejection', (error) => {
	out(`seed ${current}: ${error instanceof Error ? error.stack : String(error)}`);
	process.exit(1);
});

async function simulateGroups(): Promise<void> {
	const summary = new Summary();
	for (current = from; current < from + seeds; current++) {
		const outcome = await simulate(current, values.trace ? out : null).catch((error: unknown) => {
			out(`seed ${current} threw`);
			throw error;
		});
		summary.add(outcome);
		for (const { kind, what } of outcome.problems.slice(0, 6)) out(`seed ${current}: ${kind}: ${what}`);
	}
	out(JSON.stringify(summary.line()));
	process.exitCode = summary.failed ? 1 : 0;
}

function checkAuthority(): void {
	if (values.explain) return out(explain(from));
	const summary = runAuthorityModel(from, seeds);
	out(JSON.stringify(summary));
	process.exitCode = summary.violations > 0 || summary.control.violations === 0 ? 1 : 0;
}

async function checkKeys(): Promise<void> {
	const summary = await runKeysModel(from, seeds, out);
	out(JSON.stringify(summary));
	const isBlind = Object.values(summary.control).includes(0);
	process.exitCode = summary.violations > 0 || isBlind ? 1 : 0;
}

async function checkContent(): Promise<void> {
	const summary = await runContentModel(from, seeds, out);
	out(JSON.stringify(summary));
	const isBlind = Object.values(summary.control).includes(0);
	process.exitCode = summary.violations > 0 || isBlind ? 1 : 0;
}

switch (values.model) {
	case 'content':
		await checkContent();
		break;
	case 'keys':
		await checkKeys();
		break;
	case 'group':
		await simulateGroups();
		break;
	case 'authority':
		checkAuthority();
		break;
	default:
		throw new Error(`there is no model ${values.model}`);
}
