import { execFileSync } from 'node:child_process';
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { preloadingNodes } from './scripts/preloading-nodes.js';

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	compilerOptions: { runes: true },
	kit: {
		adapter: preloadingNodes(adapter({ fallback: '200.html' })),
		// The prerendered index.html is the offline shell of every URL, so its asset links are absolute.
		paths: { relative: false },
		// The page registers it itself, to offer updates as "new version – reload".
		serviceWorker: { register: false },
		// Updates come through the service worker alone; nothing polls.
		version: { name: buildName(), pollInterval: 0 },
		csp: {
			mode: 'hash',
			directives: {
				'default-src': ['none'],
				'script-src': ['self', 'wasm-unsafe-eval'],
				'style-src': ['self', 'unsafe-inline'],
				'img-src': ['self', 'data:', 'blob:'],
				'font-src': ['self'],
				'media-src': ['self', 'blob:'],
				'connect-src': ['self', 'ws:', 'wss:'],
				'worker-src': ['self'],
				'manifest-src': ['self'],
				'base-uri': ['none'],
				'form-action': ['none'],
				// No string becomes markup or a script's address but through these (docs/decisions/0030).
				'require-trusted-types-for': ['script'],
				'trusted-types': ['svelte-trusted-html', 'skein-own-script', 'skein-emoji-picker', 'skein-pasted']
			}
		}
	}
};

/**
 * SKEIN_BUILD if it is set. SvelteKit reads this file several times in one build, in several processes, so the first
 * answer is left in the environment for the others: all parts of a build must bear one name.
 */
function buildName() {
	process.env.SKEIN_BUILD ??= nameFromGit();
	return process.env.SKEIN_BUILD;
}

/**
 * The commit, so that a build can be made again and compared; with the time after it when the tree differs from the
 * commit or there is no Git, because two different builds must never share a name (it names the offline cache).
 */
function nameFromGit() {
	const time = Date.now().toString(36);
	try {
		const commit = git('rev-parse', '--short=12', 'HEAD');
		return git('status', '--porcelain') === '' ? commit : `${commit}-${time}`;
	} catch (error) {
		// Either there is no Git, or this is an unpacked archive: both are fine, anything else is not.
		const isExpected =
			error instanceof Error && ('status' in error || ('code' in error && error.code === 'ENOENT'));
		if (!isExpected) throw error;
		return `archive-${time}`;
	}
}

/** @param {string[]} args */
function git(...args) {
	return execFileSync('git', ['--no-optional-locks', ...args], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore']
	}).trim();
}
