/**
 * Tells eslint-plugin-boundaries which file an import means: `$lib/…`, and relative paths without an extension, as
 * the bundler and tsx read them. Packages are left to the plugin, which treats what is not found as external.
 */
import { statSync } from 'node:fs';
import { dirname, join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';

const lib = fileURLToPath(new URL('../src/lib', import.meta.url));
const endings = ['', '.ts', '.js', '.svelte', '/index.ts', '/index.js'];

/** The version of eslint-module-utils' resolver interface. */
export const interfaceVersion = 2;

/**
 * @param {string} source as written in the import
 * @param {string} file the importing file
 */
export function resolve(source, file) {
	const path = localPath(source.replace(/\?.*$/, ''), file);
	const found = path === null ? undefined : endings.map((ending) => path + ending).find(isFile);
	return found === undefined ? { found: false } : { found: true, path: found };
}

/**
 * @param {string} source
 * @param {string} file
 */
function localPath(source, file) {
	if (source.startsWith('$lib')) return join(lib, source.slice('$lib'.length));
	return source.startsWith('.') ? resolvePath(dirname(file), source) : null;
}

/** @param {string} path */
function isFile(path) {
	return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
