import { describe, expect, test } from 'vitest';
import { lockComplaints } from '../../../scripts/check-lock';

const lock = (packages: Parameters<typeof lockComplaints>[1]['packages']) => ({ packages });

describe('the lock file', () => {
	test('has nothing to complain of when every version is exact and every platform is there', () => {
		const packages = {
			'node_modules/a': { optionalDependencies: { '@a/linux': '1.0.0' } },
			'node_modules/@a/linux': {}
		};
		expect(lockComplaints({ dependencies: { a: '1.0.0', b: '3.54.1-build1' } }, lock(packages))).toEqual([]);
	});

	test('is missing a platform package', () => {
		const packages = { 'node_modules/a': { optionalDependencies: { '@a/linux': '1.0.0' } } };
		expect(lockComplaints({}, lock(packages))).toEqual([expect.stringMatching(/^@a\/linux: /)]);
	});

	test('finds a platform package that lies deeper', () => {
		const packages = {
			'node_modules/a': { optionalDependencies: { b: '1.0.0' } },
			'node_modules/a/node_modules/b': {}
		};
		expect(lockComplaints({}, lock(packages))).toEqual([]);
	});

	test.each(['^1.0.0', '~1.0.0', '1.x', '*', 'latest'])('is not for versions such as %s', (version) => {
		expect(lockComplaints({ devDependencies: { a: version } }, lock({}))).toHaveLength(1);
	});

	test('wants a decision on each install script', () => {
		const packages = { 'node_modules/a': { hasInstallScript: true } };
		expect(lockComplaints({}, lock(packages))).toEqual([expect.stringMatching(/^a: has an install script/)]);
		expect(lockComplaints({ allowScripts: { a: false } }, lock(packages))).toEqual([]);
	});
});
