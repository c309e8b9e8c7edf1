/** Mutation testing of one group of files: `MUTATE=guard npm run mutate`. The report goes to reports/mutation. */
import { group } from './groups.js';

const reports = `reports/mutation/${group.name}`;

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
	testRunner: 'vitest',
	plugins: ['@stryker-mutator/vitest-runner'],
	// Coverage by test says which tests a mutant needs; the imports of test files would only add to them.
	vitest: { configFile: 'tests/mutation/vitest.config.ts', related: false },
	mutate: [...group.mutate],
	coverageAnalysis: 'perTest',
	ignoreStatic: true,
	incremental: true,
	incrementalFile: `${reports}.incremental.json`,
	concurrency: 1,
	// What never ends is told by its steps; on a busy machine a second less says nothing.
	timeoutMS: 60_000,
	thresholds: { high: 90, low: 85, break: null },
	reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
	clearTextReporter: { allowColor: false, reportTests: false, reportMutants: false },
	htmlReporter: { fileName: `${reports}.html` },
	jsonReporter: { fileName: `${reports}.json` },
	tempDirName: 'reports/mutation/work',
	// The tests are not type-checked anyway.
	disableTypeChecks: false,
	// All that the unit tests of the core ask for; the rest need not be copied.
	ignorePatterns: ['**', '!package.json', '!tsconfig.json', '!.svelte-kit/**', '!src/lib/**', '!tests/**']
};
