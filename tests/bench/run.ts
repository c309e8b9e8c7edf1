/**
 * `npm run bench -- <name> [arguments]` runs tests/bench/<name>.ts in a process of its own and passes its exit code
 * on. Without a name it lists what there is. Each benchmark ends with one line of JSON on stdout.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const [name, ...rest] = process.argv.slice(2);

if (name === undefined || !/^[a-z0-9-]+$/.test(name) || !isBenchmark(`${name}.ts`)) {
	const names = readdirSync(folder)
		.filter(isBenchmark)
		.map((file) => file.replace(/\.ts$/, ''));
	process.stderr.write(
		`Usage: npm run bench -- <name> [arguments]\nBenchmarks: ${names.join(', ') || 'none yet'}\n`
	);
	process.exitCode = 2;
} else {
	const { status, error } = spawnSync(process.execPath, ['--import', 'tsx', `${folder}${name}.ts`, ...rest], {
		stdio: 'inherit'
	});
	if (error) throw error;
	process.exitCode = status ?? 1;
}

/** Benchmarks lie directly in this folder; what they are made of lies in folders below it. */
function isBenchmark(file: string): boolean {
	return file.endsWith('.ts') && file !== 'run.ts' && !file.endsWith('.test.ts') && existsSync(folder + file);
}
