/**
 * Part of `npm run lint`: what `npm ci` will need is all there, and exactly named.
 * npm drops an optional platform package from the lock without a word when one release of it is missing from the
 * registry, and `npm ci` then refuses the lock: on another machine, later.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Manifest {
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly devDependencies?: Readonly<Record<string, string>>;
	readonly overrides?: Readonly<Record<string, string>>;
	readonly allowScripts?: Readonly<Record<string, boolean>>;
}

interface LockedPackage {
	readonly optionalDependencies?: Readonly<Record<string, string>>;
	readonly hasInstallScript?: boolean;
}

interface Lock {
	readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** @returns one line per thing to put right; empty if all is well. */
export function lockComplaints(manifest: Manifest, lock: Lock): string[] {
	const locked = Object.entries(lock.packages).map(([path, entry]) => ({ name: packageName(path), entry }));
	const names = new Set(locked.map(({ name }) => name));
	const declared = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.overrides };
	const inexact = Object.entries(declared).filter(
		([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)
	);
	const absent = locked.flatMap(({ entry }) =>
		Object.keys(entry.optionalDependencies ?? {}).filter((name) => !names.has(name))
	);
	const undecided = locked.filter(
		({ name, entry }) => entry.hasInstallScript && manifest.allowScripts?.[name] === undefined
	);
	return [
		...inexact.map(([name, version]) => `${name}: "${version}" is not an exact version`),
		...absent.map(
			(name) => `${name}: an optional package that the lock lacks; pin its parent to an older version`
		),
		...undecided.map(({ name }) => `${name}: has an install script; say yes or no in "allowScripts"`)
	];
}

/** 'node_modules/a/node_modules/@b/c' names '@b/c'. */
function packageName(path: string): string {
	return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const read = (name: string): unknown =>
		JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
	const complaints = lockComplaints(read('package.json') as Manifest, read('package-lock.json') as Lock);
	for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
	process.exitCode = complaints.length > 0 ? 1 : 0;
}
