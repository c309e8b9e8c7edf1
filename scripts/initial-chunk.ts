/**
 * A Vite plugin. What the list and a conversation need before they can be painted goes into one chunk: left to itself
 * the bundler makes fifty, most of them smaller than what it costs to ask the service worker for one. What is imported
 * later stays in chunks of its own (vite 8.3, kit 2.70).
 */
import type { Plugin } from 'vite';

/** Entries of the router, and the pages of which nobody should have to wait for a second round of requests. */
const rootPattern =
	/\/kit\/src\/runtime\/client\/entry\.js$|\/generated\/client-optimized\/app\.js$|\/src\/routes\/(\+layout|\+error|\(shell\)\/(\+layout|\+page|c\/\[id\]\/\+page))\.(svelte|ts)$/;

/** What is used of the bundler's context. */
interface ModuleGraph {
	getModuleInfo(id: string): { readonly importers: readonly string[] } | null;
}

/** Whether a module is reached from a root by static imports alone. */
export function isInitial(id: string, graph: ModuleGraph): boolean {
	const seen = new Set([id]);
	for (const each of seen) {
		if (rootPattern.test(each)) return true;
		for (const importer of graph.getModuleInfo(each)?.importers ?? []) seen.add(importer);
	}
	return false;
}

export function initialChunk(): Plugin {
	return {
		name: 'skein:initial-chunk',
		apply: 'build',
		config: (_config, { isSsrBuild }) =>
			isSsrBuild === true
				? {}
				: {
						build: {
							rolldownOptions: {
								output: {
									codeSplitting: {
										groups: [
											{ name: (id: string, graph: ModuleGraph) => (isInitial(id, graph) ? 'app' : null) }
										]
									}
								}
							}
						}
					}
	};
}
