import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';
import { emojiPickerMarkup } from './scripts/emoji-picker-markup.ts';
import { initialChunk } from './scripts/initial-chunk.ts';
import { workerFilesInManifest } from './scripts/worker-files-in-manifest.ts';

const relayUrl = `http://localhost:${process.env.RELAY_PORT ?? 4400}`;

export default defineConfig({
	plugins: [
		// `npm run prepare` compiles the same with the same options, for the type check of a clean clone.
		paraglideVitePlugin({
			project: './project.inlang',
			outdir: './src/lib/ui/paraglide',
			strategy: ['localStorage', 'preferredLanguage', 'baseLocale'],
			outputStructure: 'message-modules'
		}),
		tailwindcss(),
		sveltekit(),
		emojiPickerMarkup(),
		initialChunk(),
		workerFilesInManifest()
	],
	resolve: { dedupe: ['yjs', 'lib0', 'y-protocols'] },
	worker: { format: 'es' },
	build: { target: 'es2022', rolldownOptions: { checks: { pluginTimings: false } } },
	optimizeDeps: {
		include: ['yjs', 'y-webrtc', 'y-indexeddb', 'y-websocket'],
		// Finds its .wasm by its own address, which a prebundled copy would not know.
		// Nor would the picker's pass through the plugin that makes it fit for Trusted Types.
		exclude: ['@sqlite.org/sqlite-wasm', 'emoji-picker-element']
	},
	server: {
		proxy: {
			'/signal': { target: relayUrl, ws: true },
			'/doc': { target: relayUrl, ws: true },
			'/inbox': relayUrl,
			'/health': relayUrl,
			'/metrics': relayUrl
		}
	},
	test: {
		environment: 'node',
		include: ['tests/unit/**/*.test.ts', 'tests/simulation/**/*.test.ts', 'tests/adversary/**/*.test.ts'],
		testTimeout: 30_000
	}
});
