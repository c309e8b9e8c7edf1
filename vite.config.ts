import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	plugins: [tailwindcss(), sveltekit()],
	resolve: { dedupe: ['yjs', 'lib0', 'y-protocols'] },
	worker: { format: 'es' },
	build: { target: 'es2022' },
	optimizeDeps: {
		include: ['yjs', 'y-webrtc', 'y-indexeddb', 'y-websocket'],
		exclude: ['@sqlite.org/sqlite-wasm']
	},
	server: { proxy: { '/signal': { target: 'ws://localhost:4400', ws: true }, '/doc': { target: 'ws://localhost:4400', ws: true } } },
	test: {
		environment: 'node',
		include: ['tests/unit/**/*.test.ts', 'tests/simulation/**/*.test.ts', 'tests/adversary/**/*.test.ts'],
		testTimeout: 30_000
	}
});
