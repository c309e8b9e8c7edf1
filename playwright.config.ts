import { defineConfig, devices } from '@playwright/test';
import { findChromium, quietBrowser } from './scripts/chromium';

const executablePath = findChromium();
const browser = {
	...devices['Desktop Chrome'],
	// The full browser, not Playwright's headless shell, which lacks some of what we use.
	...(executablePath === undefined ? { channel: 'chromium' } : {})
};
/** Specs of one folder of the source: they bundle pages of their own and do without the app. */
const parts = ['link/**/*.spec.ts', 'protocol/**/*.spec.ts', 'store/**/*.spec.ts'];

export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: 'test-results',
	fullyParallel: true,
	// Much of a test is waiting for another person's device: three keep two cores busy.
	workers: 3,
	forbidOnly: Boolean(process.env.CI),
	timeout: 90_000,
	expect: { timeout: 15_000 },
	// On a build server other work may take a core away in the middle; a second or third try is reported as flaky.
	retries: process.env.CI ? 2 : 0,
	// Not under test-results/, which is wiped at the start.
	reporter: [['line'], ['json', { outputFile: 'reports/e2e.json' }]],
	use: {
		trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure',
		launchOptions: {
			executablePath,
			args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', quietBrowser]
		}
	},
	projects: [
		{ name: 'build', testMatch: 'build.setup.ts' },
		{ name: 'parts', testMatch: parts, use: browser },
		// Written against build/; each worker starts a relay of its own that serves it (tests/e2e/fixtures.ts).
		{ name: 'app', testMatch: '**/*.spec.ts', testIgnore: parts, use: browser, dependencies: ['build'] }
	]
});
