/**
 * A Vite plugin. SvelteKit tells the service worker which files to keep by reading Vite's manifest, and Vite lists
 * there a worker's first file but not the chunks and .wasm that the worker loads. Without them the app opens offline
 * and then has no database. This adds what is missing (vite 8.3, kit 2.70; tests/unit/tooling holds it to that).
 */
import type { Plugin } from 'vite';

const manifestPath = '.vite/manifest.json';
const workerFilePattern = /\/workers\/.+\.(js|wasm)$/;
/** Parts of the SQLite package that are emitted but never asked for: its own worker, and the proxy of another VFS. */
const neverLoadedPattern = /\/sqlite3-(worker1|opfs-async-proxy)-/;

export function workerFilesInManifest(): Plugin {
	return {
		name: 'skein:worker-files-in-manifest',
		apply: 'build',
		generateBundle: {
			// After Vite's own hooks: those write the manifest and the workers' files into the bundle.
			order: 'post',
			handler(_options, bundle) {
				const manifest = bundle[manifestPath];
				if (manifest?.type !== 'asset') return;
				manifest.source = completedManifest(String(manifest.source), Object.keys(bundle));
			}
		}
	};
}

/**
 * @param manifestJson Vite's manifest
 * @param fileNames all files of the bundle
 * @returns the manifest with an entry for each worker file that it does not list yet
 */
export function completedManifest(manifestJson: string, fileNames: readonly string[]): string {
	const manifest = JSON.parse(manifestJson) as Record<string, { file: string; assets?: string[] }>;
	const listed = new Set(Object.values(manifest).flatMap(({ file, assets = [] }) => [file, ...assets]));
	for (const file of fileNames) {
		if (workerFilePattern.test(file) && !neverLoadedPattern.test(file) && !listed.has(file))
			manifest[`worker:${file}`] = { file };
	}
	return JSON.stringify(manifest, null, 2);
}
