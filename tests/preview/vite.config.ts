/**
 * The screens without the app: everything real but `$lib/app/current`, which is a preview with fixture data.
 * `npx vite dev --config tests/preview/vite.config.ts --port 4560`, then open `/?phase=first-run` and the like
 * (tests/preview/app.svelte.ts lists what the address can ask for).
 */
import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';
import { emojiPickerMarkup } from '../../scripts/emoji-picker-markup.ts';

const previewApp = fileURLToPath(new URL('./app.svelte.ts', import.meta.url));

/** An alias cannot do this: the framework's own `$lib` alias answers first. */
const previewInsteadOfApp: Plugin = {
	name: 'preview-instead-of-app',
	enforce: 'pre',
	resolveId: (source) => (/(\$lib|src\/lib)\/app\/current(\.ts)?$/.test(source) ? previewApp : undefined)
};

export default defineConfig({
	plugins: [
		paraglideVitePlugin({
			project: './project.inlang',
			outdir: './src/lib/ui/paraglide',
			strategy: ['localStorage', 'preferredLanguage', 'baseLocale'],
			outputStructure: 'message-modules'
		}),
		previewInsteadOfApp,
		tailwindcss(),
		sveltekit(),
		emojiPickerMarkup()
	],
	cacheDir: 'node_modules/.vite-preview',
	optimizeDeps: {
		// What is imported on demand is found at the start: a dependency found later reloads the page.
		entries: ['src/lib/ui/**/*.svelte'],
		include: ['bits-ui', 'virtua/svelte', 'qrcode'],
		// As in the app: prebundled it would not pass through the plugin that makes it fit for Trusted Types.
		exclude: ['emoji-picker-element']
	},
	// Pictures are taken while others work on the rest: only the screens reload the page.
	server: {
		watch: { ignored: ['**/.svelte-kit/**', '**/src/lib/!(ui)/**', '**/relay/**', '**/tests/!(preview)/**'] }
	},
	build: { target: 'es2022' }
});
