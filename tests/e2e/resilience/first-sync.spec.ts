/**
 * A newcomer gets a long history and is disturbed: reloads, writes meanwhile. HISTORY_MESSAGES (11 000 here, so that
 * the history has two segments; 100 000 for the figures in docs/benchmarks.md).
 */
import type { Page } from '@playwright/test';
import { markerOf } from '../../seed/message-texts';
import type { Seed } from '../../seed/seed';
import { relayAway, type Person } from '../fixtures';
import { diagnostics, inConversation, join, linked, message, saved, sees } from '../people';
import { count, expect, seed, test } from './resilience-test';

const messages = count('HISTORY_MESSAGES', 11_000);
const patienceMs = 120_000 + messages * 40;
const history = { messages, authors: 5 };
/** Bytes of a message as they come from the relay, about; what is held is in the middle of the history. */
const messageBytes = 400;
/** What is held of a history is in the middle of it, on any machine. */
const heldAfterBytes = (messages * messageBytes) / 3;

/** Messages in the read model; Diagnostics counts them. */
const stored = async (person: Person): Promise<number> => (await diagnostics(person)).storage.messages;

/** Waits until the status line says that at least `least` messages have come. */
async function receiving(page: Page, least: number): Promise<void> {
	const status = page.getByRole('status').filter({ hasText: 'Older messages are coming in' });
	await expect
		.poll(
			async () =>
				Number(/[\d,]+/.exec((await status.allTextContents()).join())?.[0].replaceAll(',', '') ?? 0),
			{
				timeout: patienceMs,
				intervals: [100]
			}
		)
		.toBeGreaterThanOrEqual(least);
}

async function hasAll(person: Person, all: number): Promise<void> {
	await expect.poll(() => stored(person), { timeout: patienceMs, intervals: [2_000] }).toBe(all);
}

/** First, last and some between can be found, each once. */
async function findsAll(person: Person, all: number): Promise<void> {
	const { page } = person;
	const field = page.getByRole('searchbox').first();
	for (const index of [0, 1, Math.floor(all / 2), all - 2, all - 1]) {
		await field.fill(markerOf(index));
		await expect(page.getByText('1 message found')).toBeVisible({ timeout: patienceMs });
	}
	await field.fill('');
}

const linkOf = (person: Person, seeded: Seed): string => `${person.home}/join#${seeded.fragment}`;

/**
 * From now on the page sends so much history over its links, and the rest when it is let go. All else goes on, so that
 * nobody takes the other for gone.
 */
async function holdHistory(page: Page): Promise<() => Promise<void>> {
	await page.evaluate((afterBytes) => {
		const { prototype } = RTCDataChannel;
		const send = Reflect.get(prototype, 'send') as (this: RTCDataChannel, data: ArrayBuffer) => void;
		const held: (() => void)[] = [];
		let bytes = 0;
		prototype.send = function (this: RTCDataChannel, data: unknown) {
			const frame = (data as Uint8Array<ArrayBuffer>).slice().buffer;
			if (this.label === 'sync') bytes += frame.byteLength;
			if (this.label !== 'sync' || bytes <= afterBytes) return send.call(this, frame);
			held.push(() => this.readyState === 'open' && send.call(this, frame));
		};
		const letGo = (): void => {
			prototype.send = send as typeof prototype.send;
			for (const each of held.splice(0)) each();
		};
		addEventListener('test-let-go', letGo, { once: true });
	}, heldAfterBytes);
	return () => page.evaluate(() => void dispatchEvent(new Event('test-let-go')));
}

interface SendFigures {
	readonly shownMs: readonly number[];
	readonly longTasksMs: readonly number[];
}

/** Writes `texts` one after the other; each is timed from the key to the frame in which it is painted. */
async function writeTimed(page: Page, texts: readonly string[]): Promise<SendFigures> {
	await page.evaluate(() => {
		const tasks: number[] = [];
		new PerformanceObserver((list) =>
			tasks.push(...list.getEntries().map(({ duration }) => duration))
		).observe({
			type: 'longtask'
		});
		Object.assign(window, { seenLongTasks: tasks });
	});
	const shownMs: number[] = [];
	for (const text of texts) {
		const field = page.getByRole('textbox', { name: 'Message', exact: true });
		await field.fill(text);
		shownMs.push(
			await field.evaluate(
				(element, wanted) =>
					new Promise<number>((resolve) => {
						const log = document.querySelector('[role="log"]');
						const startedAt = performance.now();
						const observer = new MutationObserver(() => {
							if (log?.textContent?.includes(wanted) !== true) return;
							observer.disconnect();
							requestAnimationFrame(() => resolve(performance.now() - startedAt));
						});
						observer.observe(document.body, { subtree: true, childList: true, characterData: true });
						element.dispatchEvent(
							new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true })
						);
					}),
				text
			)
		);
	}
	const longTasksMs = await page.evaluate(
		() => (window as unknown as { seenLongTasks: number[] }).seenLongTasks
	);
	return { shownMs, longTasksMs };
}

const median = (values: readonly number[]): number =>
	[...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * Tells "at once" from "when the history is there", also on a machine that does ten other things; figures are in the
 * annotations.
 */
const shownWithinMs = 5_000;

/**
 * Writes while history comes in, reloads in the middle of it, and has everything once in the end.
 * @param goesOn what was slowed down or held is no more
 */
async function isDisturbed(newcomer: Person, seeded: Seed, goesOn: () => Promise<unknown>): Promise<void> {
	const coming = newcomer.page.getByText('Older messages are coming in');
	await receiving(newcomer.page, seeded.messages * 0.05);
	const texts = Array.from({ length: 10 }, (_, i) => `meanwhile ${i}.`);
	const { shownMs, longTasksMs } = await writeTimed(newcomer.page, texts);
	const during = await coming.isVisible();
	await goesOn();
	const rounded = (values: readonly number[]): string => values.map((value) => value.toFixed(0)).join(' ');
	test.info().annotations.push({
		type: 'figures',
		description: `still syncing ${during}; shown after ms ${rounded(shownMs)}; long tasks ms ${rounded(longTasksMs)}`
	});
	expect(during, 'written in the middle of the first sync').toBe(true);
	expect(median(shownMs)).toBeLessThan(shownWithinMs);
	// Shown is not saved yet, and only what is saved outlives the page.
	for (const text of texts) await saved(newcomer, text);
	// Twice: the second one finds what the first left half done.
	for (let i = 0; i < 2; i++) {
		await newcomer.page.reload();
		await inConversation(newcomer, seeded.groupName);
		for (const text of texts) await sees(newcomer, text, 60_000);
	}
	await hasAll(newcomer, seeded.messages + texts.length);
	await findsAll(newcomer, seeded.messages);
	await inConversation(newcomer, seeded.groupName);
	for (const text of texts) await expect(message(newcomer, text)).toHaveCount(1);
	expect((await diagnostics(newcomer)).rejections).toEqual([]);
}

test.describe('over a slow line', () => {
	// About ten seconds for the whole of 11 000 messages; it stops in the middle, so that there is one on any machine.
	test.use({
		doorOptions: { documentRate: 500_000, documentsHeldAfterBytes: heldAfterBytes }
	});

	test('the relay sends a long history', async ({ outsider, door, relay }) => {
		test.setTimeout(patienceMs * 3);
		const seeded = await seed(relay, history);
		const nora = await outsider('Nora');
		await join(nora, linkOf(nora, seeded), seeded.groupName);
		await isDisturbed(nora, seeded, async () => door.letGo());
	});
});

test.describe('over direct links', () => {
	test.use({ doorOptions: { blocked: ['/doc'] } });

	test('another member sends a long history', async ({ person, outsider, relay }) => {
		test.setTimeout(patienceMs * 4);
		const seeded = await seed(relay, history);
		const holder = await person('Holder');
		await join(holder, linkOf(holder, seeded), seeded.groupName);
		await hasAll(holder, seeded.messages);
		const nora = await outsider('Nora');
		nora.allow(relayAway);
		const letGo = await holdHistory(holder.page);
		await join(nora, linkOf(nora, seeded), seeded.groupName);
		await linked(nora);
		await isDisturbed(nora, seeded, letGo);
		// The holder has read nothing of the history, and may look at where it begins.
		await expect(async () => {
			const newest = holder.page.getByRole('button', { name: 'Jump to newest' });
			if (await newest.isVisible()) await newest.click();
			await sees(holder, 'meanwhile 9.', 2_000);
		}).toPass({ timeout: 60_000 });
	});
});
