/** Looks at what is on screen for those who read, reach or hear it otherwise: axe, and nothing that sticks out. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, type PersonOptions } from './fixtures';

export const desktop: PersonOptions = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' };
export const phone: PersonOptions = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	reducedMotion: 'reduce'
};

export type Theme = 'light' | 'dark';

/**
 * Looks at what is on screen: everything in the first theme, colours alone in the others.
 * @param within selector of the part to look at, where the rest has been looked at before: much less work
 */
export async function inspect(
	page: Page,
	state: string,
	themes: readonly Theme[] = ['light', 'dark'],
	within?: string
): Promise<void> {
	for (const [index, colorScheme] of themes.entries()) {
		await page.emulateMedia({ colorScheme });
		const axe = new AxeBuilder({ page }).setLegacyMode(true);
		if (within !== undefined) axe.include(within);
		// Themes differ in colours alone: asking the rest twice would double the time for nothing.
		const { violations } = await (index > 0 ? axe.withRules('color-contrast') : axe).analyze();
		const found = violations.flatMap(({ id, help, nodes }) =>
			nodes.map(
				({ html, failureSummary }) =>
					`${state}, ${colorScheme}: ${id} (${help})\n${html}\n${failureSummary ?? ''}`
			)
		);
		expect.soft(found).toEqual([]);
	}
	await expectNoSidewaysScroll(page, state);
}

/** Nothing that a person reads or presses lies beside the screen. */
export async function expectNoSidewaysScroll(page: Page, state: string): Promise<void> {
	const wide = await page.evaluate(() => {
		const { scrollWidth, clientWidth } = document.documentElement;
		// A page may also hide what sticks out; what a person has to read or press must not, but in groups that scroll.
		const out = [...document.querySelectorAll('button, a, input, textarea, h1, h2, p, li')].filter(
			(element) => {
				const { left, right, width } = element.getBoundingClientRect();
				return (
					width > 1 && // "screen reader only"
					(left < -1 || right > clientWidth + 1) &&
					element.closest('.sr-only, [role="group"], fieldset') === null
				);
			}
		);
		return [scrollWidth - clientWidth, ...out.map((element) => element.outerHTML.slice(0, 200))];
	});
	expect.soft(wide, state).toEqual([0]);
}
