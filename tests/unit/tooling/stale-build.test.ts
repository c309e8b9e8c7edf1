import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isStale, newestChangeMs } from '../../../scripts/build-if-stale';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'stale-build-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file and dates it; its folders are dated one second after 1970. */
function write(path: string, seconds: number): void {
	const full = join(folder, path);
	mkdirSync(join(full, '..'), { recursive: true });
	writeFileSync(full, '');
	utimesSync(full, seconds, seconds);
	for (let parent = join(full, '..'); parent !== join(folder, '..'); parent = join(parent, '..'))
		utimesSync(parent, 1, 1);
}

test('the newest change lies anywhere below', () => {
	write('src/a.ts', 10);
	write('src/deep/er/b.ts', 30);
	write('vite.config.ts', 20);
	expect(newestChangeMs([join(folder, 'src'), join(folder, 'vite.config.ts')])).toBe(30_000);
});

test('generated messages and missing files do not count', () => {
	write('src/a.ts', 10);
	write('src/paraglide/messages.js', 30);
	expect(newestChangeMs([join(folder, 'src'), join(folder, 'absent')])).toBe(10_000);
});

test('stale is what was never built, or built before a change', () => {
	expect(isStale(10, null)).toBe(true);
	expect(isStale(10, 9)).toBe(true);
	expect(isStale(10, 11)).toBe(false);
});
