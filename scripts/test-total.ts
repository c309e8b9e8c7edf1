/**
 * Counts tests from the reports of the two runners, strictly: a run that failed without saying which test did (a file
 * that does not compile, a missing report, a crash) counts as one failure, so that nothing broken adds up to zero.
 */
export interface Total {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

/** What a runner left behind. */
export interface Run {
	readonly exitCode: number;
	/** The text of its JSON report, or null if it wrote none. */
	readonly report: string | null;
}

interface VitestReport {
	readonly numPassedTests: number;
	readonly numFailedTests: number;
	readonly numPendingTests: number;
	readonly numTodoTests: number;
	/** One per file. A file that could not be loaded has failed and has no assertions. */
	readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

interface PlaywrightReport {
	readonly stats: {
		readonly expected: number;
		readonly unexpected: number;
		readonly flaky: number;
		readonly skipped: number;
	};
}

export function vitestTotal(run: Run): Total {
	return withSilentFailure(run, (report: VitestReport) => ({
		passed: report.numPassedTests,
		failed: report.numFailedTests + unloadedFiles(report),
		skipped: report.numPendingTests + report.numTodoTests
	}));
}

export function playwrightTotal(run: Run): Total {
	return withSilentFailure(run, ({ stats }: PlaywrightReport) => ({
		// Passed at the second try: Playwright's own report names them as flaky.
		passed: stats.expected + stats.flaky,
		failed: stats.unexpected,
		skipped: stats.skipped
	}));
}

export function sum(totals: readonly Total[]): Total {
	return totals.reduce((a, b) => ({
		passed: a.passed + b.passed,
		failed: a.failed + b.failed,
		skipped: a.skipped + b.skipped
	}));
}

/** The line that a build server reads. */
export function totalLine({ passed, failed, skipped }: Total): string {
	return `total: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function unloadedFiles({ testResults }: VitestReport): number {
	return testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
}

function withSilentFailure<Report>(run: Run, count: (report: Report) => Total): Total {
	const total =
		run.report === null ? { passed: 0, failed: 0, skipped: 0 } : count(JSON.parse(run.report) as Report);
	const isSilent = total.failed === 0 && (run.exitCode !== 0 || run.report === null);
	return isSilent ? { ...total, failed: 1 } : total;
}
