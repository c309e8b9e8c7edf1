import { defineConfig, devices } from '@playwright/test';
import { findChromium } from './scripts/chromium';

const executablePath = findChromium();

export default defineConfig({
	testDir: 'tests/e2e',
	// Specs are written against build/; each worker starts a relay of its own that serves it (tests/e2e/fixtures.ts).
	globalSetup: './scripts/build-if-stale.ts',
	outputDir: 'test-results',
	fullyParallel: true,
	workers: 2,
	forbidOnly: Boolean(process.env.CI),
	timeout: 60_000,
	expect: { timeout: 10_000 },
	// Not under test-results/, which is wiped at the start.
	reporter: [['line'], ['json', { outputFile: 'reports/e2e.json' }]],
	use: {
		trace: 'retain-on-failure',
		launchOptions: {
			executablePath,
			args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
		}
	},
	projects: [
		{
			name: 'chromium',
			use: {
				...devices['Desktop Chrome'],
				// The full browser, not Playwright's headless shell, which lacks some of what we use.
				...(executablePath === undefined ? { channel: 'chromium' } : {})
			}
		}
	]
});
