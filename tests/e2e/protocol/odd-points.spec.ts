import { expect, test } from '@playwright/test';
import points from '../../adversary/odd-points.json' with { type: 'json' };
import { pageScript } from '../../page-script';

/** Never asked for: the page is answered here. The engine gives its cryptography to secure origins alone. */
const address = 'https://odd-points.test/';

test('keys and signatures with a part of small order are judged as in Node', async ({ page }) => {
	await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
	await page.goto(address);
	await page.addScriptTag({ content: await pageScript(new URL('./odd-points-page.ts', import.meta.url)) });
	expect(await page.evaluate(() => window.oddPoints.count)).toBe(
		points.signatures.length + points.agreementKeys.length
	);
	expect(await page.evaluate(() => window.oddPoints.otherwiseJudged())).toEqual([]);
});
