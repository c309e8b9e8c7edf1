/**
 * Seeded relay folders, made once: each run gets a copy. The cache's name holds what was asked for and a hash of the
 * code that decides how entries look, so that it can be stale only by its invitation, which is checked.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { seedRelay, type Seed, type SeedOptions } from './seed';

const root = fileURLToPath(new URL('../..', import.meta.url));
const codeFolders = ['src/lib/protocol', 'src/lib/conversation', 'tests/seed'];
const codeFiles = ['relay/lmdb-storage.ts', 'relay/storage.ts'];
/** Of an invitation, which is valid for seven days; what is older is made anew. */
const freshMs = 5 * 24 * 60 * 60_000;

async function codeHash(): Promise<string> {
	const hash = createHash('sha256');
	const inFolders = await Promise.all(
		codeFolders.map(async (folder) =>
			(await readdir(path.join(root, folder), { recursive: true })).map((file) => path.join(folder, file))
		)
	);
	const files = [...inFolders.flat(), ...codeFiles].filter((file) => file.endsWith('.ts')).sort();
	for (const file of files) hash.update(file).update(await readFile(path.join(root, file)));
	return hash.digest('hex').slice(0, 12);
}

async function readSeed(folder: string): Promise<Seed | null> {
	try {
		const seed = JSON.parse(await readFile(path.join(folder, 'seed.json'), 'utf8')) as Seed;
		return Date.now() - seed.madeAtMs < freshMs ? seed : null;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
		throw error;
	}
}

async function ensureCached(options: SeedOptions): Promise<{ readonly folder: string; readonly seed: Seed }> {
	const cache = path.join(tmpdir(), 'skein-seeds');
	const asked = createHash('sha256')
		.update(JSON.stringify(options))
		.update(await codeHash())
		.digest('hex')
		.slice(0, 16);
	const folder = path.join(cache, `${options.messages ?? 100_000}-${asked}`);
	const cached = await readSeed(folder);
	if (cached !== null) return { folder, seed: cached };
	await mkdir(cache, { recursive: true });
	const making = await mkdtemp(path.join(cache, 'making-'));
	const seed = await seedRelay(path.join(making, 'data'), options);
	await writeFile(path.join(making, 'seed.json'), JSON.stringify(seed));
	if ((await readSeed(folder)) === null) await rm(folder, { recursive: true, force: true });
	try {
		await rename(making, folder);
		return { folder, seed };
	} catch (error) {
		// Another process has made the same meanwhile, and may be copying it: take that one.
		const made = await readSeed(folder);
		if (made === null) throw error;
		await rm(making, { recursive: true });
		return { folder, seed: made };
	}
}

/**
 * Puts a seeded history into a relay's folder.
 * @param dataDir must not hold a database yet
 */
export async function copySeed(dataDir: string, options: SeedOptions = {}): Promise<Seed> {
	const { folder, seed } = await ensureCached(options);
	await cp(path.join(folder, 'data'), dataDir, { recursive: true, force: false, errorOnExist: true });
	return seed;
}
