/**
 * Builds the app if what it is made from changed since the last build: `npm start` and the end-to-end tests begin
 * with it, so neither ever shows an old app.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What a build reads. `.git/HEAD` and refs are left out: a commit alone changes the version's name, not the app. */
const sources = [
	'src',
	'static',
	'messages',
	'project.inlang',
	'scripts/worker-files-in-manifest.ts',
	'package-lock.json',
	'svelte.config.js',
	'vite.config.ts',
	'tsconfig.json'
];
/** Written last by the adapter, so it dates a complete build. */
const product = 'build/200.html';

/** @throws if the build fails; its own words are then on stderr. */
export function buildIfStale(): void {
	if (!isStale(newestChangeMs(sources.map((path) => join(root, path))), changeMs(join(root, product))))
		return;
	process.stderr.write('Building the app…\n');
	const { status, error } = spawnSync('npm', ['run', '--silent', 'build'], {
		cwd: root,
		// Everything to stderr: the relay's address stays the one line on stdout.
		stdio: ['ignore', 2, 2],
		shell: process.platform === 'win32'
	});
	if (error) throw error;
	if (status !== 0) throw new Error(`the build failed (exit code ${status})`);
}

/** @param builtMs when the product was written, or null if there is none */
export function isStale(newestSourceMs: number, builtMs: number | null): boolean {
	return builtMs === null || newestSourceMs > builtMs;
}

/** @returns the newest change (ms since 1970) of these files and, recursively, of folders; generated ones aside. */
export function newestChangeMs(paths: readonly string[]): number {
	let newest = 0;
	for (const path of paths) {
		const found = statSync(path, { throwIfNoEntry: false });
		if (!found) continue;
		// A folder's own time changes when something in it is added or removed.
		newest = Math.max(newest, found.mtimeMs);
		if (!found.isDirectory()) continue;
		const children = readdirSync(path).filter((name) => name !== 'paraglide');
		newest = Math.max(newest, newestChangeMs(children.map((name) => join(path, name))));
	}
	return newest;
}

function changeMs(path: string): number | null {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildIfStale();
