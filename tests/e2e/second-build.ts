/** Another build of the same sources, under another version's name: what an update looks like to an installed app. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = [
	'src',
	'static',
	'messages',
	'project.inlang',
	'scripts',
	'package.json',
	'svelte.config.js',
	'vite.config.ts',
	'tsconfig.json'
];

/**
 * Builds in a folder of its own, so that build/ stays what it is.
 * @returns the folder of the built app, and the folder to remove when it is no longer wanted
 */
export async function buildAgain(
	version: string
): Promise<{ readonly appDir: string; readonly folder: string }> {
	const folder = await mkdtemp(join(tmpdir(), 'skein-build-'));
	for (const name of sources) await cp(join(root, name), join(folder, name), { recursive: true });
	await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
	await promisify(execFile)(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
		cwd: folder,
		env: { ...process.env, NODE_ENV: 'production', SKEIN_BUILD: version }
	});
	return { appDir: join(folder, 'build'), folder };
}
