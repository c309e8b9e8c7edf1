import { expect, test } from 'vitest';
import { completedManifest } from '../../../scripts/worker-files-in-manifest';

test('the manifest names what workers load, each file once', () => {
	const manifest = {
		'src/a.ts': { file: '_app/immutable/workers/w.js', assets: ['_app/immutable/workers/assets/b.wasm'] }
	};
	const files = [
		'_app/immutable/workers/w.js',
		'_app/immutable/workers/assets/b.wasm',
		'_app/immutable/workers/assets/sqlite.wasm',
		'_app/immutable/workers/chunks/c.js',
		'_app/immutable/workers/chunks/c.js.map',
		'_app/immutable/chunks/page.js'
	];
	const completed = JSON.parse(completedManifest(JSON.stringify(manifest), files)) as Record<
		string,
		{ file: string }
	>;
	expect(Object.values(completed).map(({ file }) => file)).toEqual([
		'_app/immutable/workers/w.js',
		'_app/immutable/workers/assets/sqlite.wasm',
		'_app/immutable/workers/chunks/c.js'
	]);
});
