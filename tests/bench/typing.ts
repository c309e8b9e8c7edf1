/**
 * From a key to what it paints, while others write 20 messages a second into the conversation that is open: in the
 * composer, and in a plain text field that is put into the same page. What differs is what the composer does with a key;
 * what both wait for is the page, which shows the messages.
 *
 *     npm run bench -- typing [--quick] [--size=10000] [--keys=200] [--rate=20]
 */
import type { Page } from '@playwright/test';
import { newMember, present, together } from './rig/members';
import { benchArguments, progress, report } from './rig/report';
import { Scratch } from './rig/scratch';
import { SeededRelay } from './rig/seeded-relay';
import { interleaved, quantile, rounded } from './rig/statistics';

declare global {
	interface Window {
		/** From the press of each key to the frame after its input, in ms. */
		keyDelays: number[];
		stopWriting: () => number;
	}
}

const { quick, option } = benchArguments();
const size = Number(option('size') ?? (quick ? 100 : 10_000));
const keysPerRound = Number(option('keys') ?? (quick ? 30 : 200));
const messagesPerSecond = Number(option('rate') ?? 20);
const rounds = quick ? 1 : 5;
/** As a fast typist. */
const betweenKeysMs = 90;
const fields = ['composer', 'plain'] as const;
type Field = (typeof fields)[number];

const delaysByField: Record<Field, number[]> = { composer: [], plain: [] };
await using server = await SeededRelay.start(size);
using scratch = new Scratch();
const ada = await newMember(server, scratch, 'Ada');
const bob = await newMember(server, scratch, 'Bob');
const people = [await present(server, ada, 'link'), await present(server, bob, 'link')] as const;
await together(people, 'link');
const [reader, writer] = [people[0].page, people[1].page];
await addPlainField(reader);
await countKeys(reader);
const before = await arrivedAt(reader);
await writeOn(writer, messagesPerSecond);

// The first round warms up.
for (const field of [...fields, ...interleaved(fields, rounds)]) {
	const delays = await type(reader, field);
	progress(`${field}: p50 ${rounded(quantile(delays, 0.5))} ms, p95 ${rounded(quantile(delays, 0.95))} ms`);
	delaysByField[field].push(...delays);
}
for (const field of fields) delaysByField[field].splice(0, keysPerRound);
const written = await writer.evaluate(() => window.stopWriting());
const arrived = (await arrivedAt(reader)) - before;
if (arrived === 0) throw new Error('nobody wrote while the keys were pressed');
for (const person of people) await person.close();

const ours = quantile(delaysByField.composer, 0.95);
const peer = quantile(delaysByField.plain, 0.95);
report({
	bench: 'typing',
	workload: `${delaysByField.composer.length} keys in a conversation of ${size}, ${messagesPerSecond} messages a second written to come in over a link (${written} in all, of which ${arrived} had come by the end); key to paint, p95`,
	ours: rounded(ours),
	peer: rounded(peer),
	peerName: 'a plain textarea in the same page',
	ratio: rounded(ours / peer),
	target: 'p95 <= 50 ms (INP)',
	unit: 'ms',
	p50: rounded(quantile(delaysByField.composer, 0.5)),
	p99: rounded(quantile(delaysByField.composer, 0.99)),
	peerP50: rounded(quantile(delaysByField.plain, 0.5))
});

/** How many messages have come to the person's read model so far. */
async function arrivedAt(page: Page): Promise<number> {
	return (await page.evaluate(() => window.probe.progress())).messages;
}

/** Presses keys in a field, one after the other. @returns what each of them took */
async function type(page: Page, field: Field): Promise<readonly number[]> {
	const box = page.getByRole('textbox', { name: field === 'plain' ? 'Plain' : 'Message', exact: true });
	await box.fill('');
	await box.focus();
	await page.evaluate(() => void (window.keyDelays = []));
	const letters = Array.from({ length: keysPerRound }, (_, at) =>
		at % 6 === 5 ? ' ' : 'skein'.charAt(at % 6)
	);
	await page.keyboard.type(letters.join(''), { delay: betweenKeysMs });
	await page.waitForFunction((count) => window.keyDelays.length >= count, keysPerRound);
	return page.evaluate((count) => window.keyDelays.slice(0, count), keysPerRound);
}

/** A field with nothing to it, outside of the app. */
async function addPlainField(page: Page): Promise<void> {
	await page.evaluate(() => {
		const field = document.createElement('textarea');
		field.setAttribute('aria-label', 'Plain');
		field.style.cssText = 'position:fixed;inset:0 0 auto auto;width:200px;height:40px;z-index:99';
		document.body.append(field);
	});
}

async function countKeys(page: Page): Promise<void> {
	await page.evaluate(() => {
		window.keyDelays = [];
		addEventListener(
			'keydown',
			(event) => {
				const pressedMs = event.timeStamp;
				// In the frame that shows it, after style and layout have been asked for: the next task is after the paint.
				requestAnimationFrame(() => {
					const { port1, port2 } = new MessageChannel();
					port1.onmessage = () => window.keyDelays.push(performance.now() - pressedMs);
					port2.postMessage(null);
				});
			},
			{ capture: true }
		);
	});
}

/** Writes so many messages a second through the composer, until `stopWriting`, which tells how many they were. */
async function writeOn(page: Page, perSecond: number): Promise<void> {
	await page.evaluate((rate) => {
		const field = document.querySelector<HTMLTextAreaElement>('form textarea');
		if (field === null) throw new Error('there is nowhere to write');
		let count = 0;
		const timer = setInterval(() => {
			count += 1;
			field.value = `Message ${count}: the train is on time, and so are we.`;
			field.dispatchEvent(new InputEvent('input', { bubbles: true }));
			field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
		}, 1000 / rate);
		window.stopWriting = () => {
			clearInterval(timer);
			return count;
		};
	}, perSecond);
}
