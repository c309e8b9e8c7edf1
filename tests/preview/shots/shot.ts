/** What a picture is of, and the steps that many begin with. */
import type { Page } from '@playwright/test';

export interface Shot {
	/** Of the file. */
	readonly name: string;
	readonly path: string;
	readonly prepare?: (page: Page) => Promise<void>;
}

/** The opening position is taken, and the list has stopped measuring. */
export async function settled(page: Page): Promise<void> {
	await page.getByRole('article').last().waitFor();
	await page.waitForFunction(() => {
		const log = document.querySelector('[role=log]');
		return log !== null && getComputedStyle(log).visibility === 'visible';
	});
	await page.evaluate(
		() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
	);
}

/** The details of the conversation that the page shows. */
export async function openDetails(page: Page): Promise<void> {
	await settled(page);
	await page.getByRole('button', { name: 'Details' }).click();
}

/** A script for the page: a browser whose camera sees this code (or none, if it is empty). */
export const seeingCode = (text: string): string => `window.BarcodeDetector = class {
	static getSupportedFormats() { return Promise.resolve(['qr_code']); }
	detect() { return Promise.resolve(${text === '' ? '[]' : `[{ rawValue: '${text}' }]`}); }
}`;
