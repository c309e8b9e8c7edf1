/** The screens' behaviour against the preview: `npx playwright test --config tests/preview/playwright.config.ts`. */
import { defineConfig, devices } from '@playwright/test';
import { findChromium } from '../../scripts/chromium';

const executablePath = findChromium();
const baseURL = process.env['PREVIEW_URL'];

export default defineConfig({
	testDir: '.',
	testMatch: '*.spec.ts',
	outputDir: '../../test-results/preview',
	workers: 1,
	reporter: 'list',
	// The development server makes what it serves when it is asked for.
	expect: { timeout: 20_000 },
	timeout: 120_000,
	use: {
		...devices['Desktop Chrome'],
		locale: 'en-GB',
		baseURL: baseURL ?? 'http://localhost:4562',
		launchOptions: {
			...(executablePath ? { executablePath } : {}),
			args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
		}
	},
	...(baseURL
		? {}
		: {
				webServer: {
					command:
						'node_modules/.bin/vite dev --config tests/preview/vite.config.ts --port 4562 --strictPort',
					cwd: '../..',
					url: 'http://localhost:4562/',
					timeout: 120_000
				}
			})
});
