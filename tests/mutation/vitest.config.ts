/** The tests of one group alone, each property tried a few times: for stryker.config.js. */
import { defineConfig } from 'vitest/config';
import { group } from './groups.js';

export default defineConfig({
	test: {
		environment: 'node',
		include: group.tests.map((pattern) => `tests/unit/${pattern}.test.ts`),
		setupFiles: ['tests/mutation/setup.ts'],
		env: { PROPERTY_RUNS: '15' },
		// No module has mutable state at its top, so files need no worker each.
		isolate: false,
		testTimeout: 30_000
	}
});
