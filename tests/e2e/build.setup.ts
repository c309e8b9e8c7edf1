/** Comes before every test of the app; the tests of its parts do not wait for it. */
import { test } from '@playwright/test';
import { buildIfStale } from '../../scripts/build-if-stale';

test('the app builds', () => {
	test.setTimeout(300_000);
	buildIfStale();
});
