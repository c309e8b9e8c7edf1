/**
 * Pictures and an axe run of every screen of the preview, in both themes, on a phone and on a desk.
 * `npx tsx tests/preview/pictures.ts <folder> [part of a name] [phone|desk|narrow]` with the preview server on port 4560 (or PREVIEW_URL);
 * PREVIEW_DIRECTION=rtl turns them round.
 * Ends with a non-zero code if axe finds anything.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../../scripts/chromium';
import { actShots } from './shots/acts';
import { groupShots } from './shots/groups';
import { ownShots } from './shots/own';
import { peopleShots } from './shots/people';
import { screenShots } from './shots/screens';

const base = process.env['PREVIEW_URL'] ?? 'http://localhost:4560';
const folder = process.argv[2] ?? 'reports/preview';
const only = process.argv[3];
const sizeOnly = process.argv[4];
/** As if the language were written from right to left. */
const direction = process.env['PREVIEW_DIRECTION'];

const wide = (page: Page): boolean => (page.viewportSize()?.width ?? 0) >= 768;

const shots = [...screenShots, ...groupShots, ...peopleShots, ...actShots, ...ownShots];

/** Run in the page, before the app, which sets the direction of its language when it starts. */
function keepTurned(direction: string): void {
	new MutationObserver(() => {
		const { documentElement } = document;
		if (documentElement.dir !== direction) documentElement.dir = direction;
	}).observe(document, { subtree: true, attributeFilter: ['dir'] });
}

const executablePath = findChromium();
const browser = await chromium.launch({
	...(executablePath ? { executablePath } : {}),
	args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
});
mkdirSync(folder, { recursive: true });
let violations = 0;

for (const [size, viewport] of Object.entries({
	phone: { width: 390, height: 844 },
	desk: { width: 1280, height: 800 },
	narrow: { width: 320, height: 640 }
})) {
	if (sizeOnly && size !== sizeOnly) continue;
	for (const colorScheme of ['light', 'dark'] as const) {
		const context = await browser.newContext({
			viewport,
			colorScheme,
			reducedMotion: 'reduce',
			locale: 'en-GB',
			timezoneId: 'Europe/Berlin'
		});
		for (const shot of shots) {
			if (only && only !== 'all' && !shot.name.includes(only)) continue;
			const page = await context.newPage();
			page.setDefaultTimeout(15_000);
			page.on('pageerror', (error) => report(`${shot.name} ${size} ${colorScheme}: ${error.message}`));
			page.on('console', (message) => {
				if (message.type() === 'error')
					report(`${shot.name} ${size} ${colorScheme}: console ${message.text()}`);
			});
			if (direction !== undefined) await page.addInitScript(keepTurned, direction);
			await page.goto(base + shot.path);
			try {
				await shot.prepare?.(page);
			} catch (error) {
				report(`${shot.name} ${size} ${colorScheme}: ${String(error).split('\n')[0]}`);
			}
			await page.screenshot({ path: join(folder, `${shot.name}-${size}-${colorScheme}.png`) });
			const { violations: found } = await new AxeBuilder({ page }).analyze();
			for (const violation of found) {
				report(
					`${shot.name} ${size} ${colorScheme}: axe ${violation.id} ${violation.nodes
						.map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
						.slice(0, 2)
						.join(' | ')}`
				);
			}
			if (!wide(page)) {
				const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				if (overflow > 0) report(`${shot.name} ${size}: wider than the screen by ${overflow} px`);
			}
			await page.close();
		}
		await context.close();
	}
}
await browser.close();
process.exitCode = violations === 0 ? 0 : 1;

function report(text: string): void {
	violations += 1;
	process.stderr.write(`${text}\n`);
}
