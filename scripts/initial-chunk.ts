/**
 * A Vite plugin. What the list and a conversation need before they can be painted goes into one chunk: left to itself
 * the bundler makes fifty, most of them smaller than what it costs to ask the service worker for one. What is imported
 * later stays in chunks of its own (vite 8.3, kit 2.70). So do the messages that only later parts say: every module with
 * messages is imported by one index, so that by imports alone all of them would be needed at once.
 */
import type { Plugin } from 'vite';

/** Entries of the router, and the pages of which nobody should have to wait for a second round of requests. */
const rootPattern =
	/\/kit\/src\/runtime\/client\/entry\.js$|\/generated\/client-optimized\/app\.js$|\/src\/routes\/(\+layout|\+error|\(shell\)\/(\+layout|\+page|c\/\[id\]\/\+page))\.(svelte|ts)$/;

/** One message: `…/paraglide/messages/<key>.js`; the index is `_index.js`. */
const messagePattern = /\/paraglide\/messages\/([a-z0-9]\w*)\.js$/;
const messageUse = /\bm\.(\w+)/g;

/** What is used of the bundler's context. */
interface ModuleGraph {
	getModuleInfo(id: string): { readonly importers: readonly string[]; readonly code: string | null } | null;
}

/** Whether a module is reached from a root by static imports alone. */
function isInitial(id: string, graph: ModuleGraph): boolean {
	const seen = new Set([id]);
	for (const each of seen) {
		if (rootPattern.test(each)) return true;
		for (const importer of graph.getModuleInfo(each)?.importers ?? []) seen.add(importer);
	}
	return false;
}

/** Keys of the messages that are said by what is initial: `m.key` in its code. */
function initialMessages(ids: Iterable<string>, graph: ModuleGraph): ReadonlySet<string> {
	const keys = new Set<string>();
	for (const id of ids) {
		const code = id.includes('/src/') && !messagePattern.test(id) ? graph.getModuleInfo(id)?.code : null;
		if (!code || !isInitial(id, graph)) continue;
		for (const [, key = ''] of code.matchAll(messageUse)) keys.add(key);
	}
	return keys;
}

export function initialChunk(): Plugin {
	let messages: ReadonlySet<string> = new Set();
	const chunkOf = (id: string, graph: ModuleGraph): string | null => {
		const message = messagePattern.exec(id)?.[1];
		if (message === undefined) return isInitial(id, graph) ? 'app' : null;
		return messages.has(message) ? 'app' : 'later-messages';
	};
	return {
		name: 'skein:initial-chunk',
		apply: 'build',
		buildEnd() {
			messages = initialMessages(this.getModuleIds(), this);
		},
		config: (_config, { isSsrBuild }) =>
			isSsrBuild === true
				? {}
				: {
						build: {
							rolldownOptions: {
								output: {
									codeSplitting: {
										groups: [{ name: chunkOf }]
									}
								}
							}
						}
					}
	};
}
