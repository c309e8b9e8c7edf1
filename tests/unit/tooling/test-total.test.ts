import { describe, expect, test } from 'vitest';
import { playwrightTotal, sum, totalLine, vitestTotal } from '../../../scripts/test-total';

const vitestReport = (passed: number, failed: number, pending = 0, todo = 0, testResults: object[] = []) =>
	JSON.stringify({
		numPassedTests: passed,
		numFailedTests: failed,
		numPendingTests: pending,
		numTodoTests: todo,
		testResults
	});
const playwrightReport = (expected: number, unexpected: number, flaky = 0, skipped = 0) =>
	JSON.stringify({ stats: { expected, unexpected, flaky, skipped } });

describe('the total', () => {
	test('adds up what the runners report', () => {
		const total = sum([
			vitestTotal({ exitCode: 1, report: vitestReport(10, 1, 2, 3) }),
			playwrightTotal({ exitCode: 1, report: playwrightReport(20, 2, 0, 4) })
		]);
		expect(totalLine(total)).toBe('total: 30 passed, 3 failed, 9 skipped');
	});

	test('counts a file that could not be loaded as one failure', () => {
		const files = [
			{ status: 'failed', assertionResults: [] },
			{ status: 'failed', assertionResults: [{}] },
			{ status: 'passed', assertionResults: [] }
		];
		expect(vitestTotal({ exitCode: 1, report: vitestReport(4, 1, 0, 0, files) })).toMatchObject({
			failed: 2
		});
	});

	test('counts a test that passed at the second try as passed', () => {
		expect(playwrightTotal({ exitCode: 0, report: playwrightReport(1, 0, 1) })).toMatchObject({
			passed: 2,
			failed: 0
		});
	});

	test.each([vitestTotal, playwrightTotal])('is never zero failures without a report', (count) => {
		expect(count({ exitCode: 0, report: null })).toEqual({ passed: 0, failed: 1, skipped: 0 });
	});

	test('is never zero failures when the runner failed', () => {
		expect(vitestTotal({ exitCode: 1, report: vitestReport(5, 0) })).toEqual({
			passed: 5,
			failed: 1,
			skipped: 0
		});
		expect(playwrightTotal({ exitCode: 1, report: playwrightReport(5, 0) })).toEqual({
			passed: 5,
			failed: 1,
			skipped: 0
		});
	});
});
