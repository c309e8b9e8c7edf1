/**
 * `npm run screenshots` draws the pictures of the README into docs/pictures: three people with browsers of their own
 * talk through a real relay and over real links, on a build as it is shipped. Only their clocks are set, so that an
 * evening does not pass within a second.
 */
import { chromium, expect, type Browser, type Page } from '@playwright/test';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../scripts/chromium';
import {
	createGroup,
	inviteLink,
	join as joinGroup,
	linked,
	message,
	openConversation,
	sees,
	start
} from './e2e/people';
import { Person } from './e2e/person';
import { RelayProcess } from './e2e/relay-process';

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const limitBytes = 300_000;
const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
/** An ordinary evening, in the time zone of whoever draws. */
const evening = new Date(new Date().setHours(18, 2, 0, 0)).getTime();
const themes = ['light', 'dark'] as const;

await using relay = await RelayProcess.start();
await using browser = await chromium.launch({ executablePath: findChromium() });
mkdirSync(folder, { recursive: true });

const mara = await arrive('Mara Lindqvist', desktop, 1);
const jonas = await arrive('Jonas Weber', phone, 2);
const aiko = await arrive('Aiko Tanaka', desktop, 1);
const everybody = [mara, jonas, aiko];
let minutes = 0;

await later(0);
await Promise.all(everybody.map((person) => start(person)));
await makeGroup('Book club', [aiko]);
await tell(mara, 'Shall we say Thursday for chapter nine?', [aiko]);
await tell(aiko, 'Thursday works. I am still stuck in chapter seven, no spoilers please 🙈', [mara]);
await later(9);
await makeGroup('Repair café', [jonas]);
await tell(mara, 'The soldering iron is fixed, and so is the kettle.', [jonas]);
await later(6);
await makeGroup('Lake weekend', [jonas, aiko]);
await Promise.all([mara, jonas, aiko].map((person) => openLake(person)));
await linked(mara, jonas, aiko);

await tell(mara, 'The cabin is ours from Friday to Sunday 🎉', [jonas, aiko]);
await tell(mara, 'Here is the way: https://www.openstreetmap.org/relation/1155955', [jonas, aiko]);
await later(2);
await tell(jonas, 'Wonderful! I bring the **canoe** and two paddles.', [mara, aiko]);
await tell(aiko, 'And I the coffee. _Good_ coffee.', [mara, jonas]);
await later(3);
await tell(mara, 'So, still to do:\n- firewood\n- something for Saturday evening\n- a second lamp', [
	jonas,
	aiko
]);
await tell(aiko, 'Saturday: noodles. I have a recipe for twelve, we can divide it 😄', [mara, jonas]);
await react(mara, 'Saturday: noodles', '❤️');
await react(jonas, 'Saturday: noodles', '🎉');
await answerInThread(aiko, 'So, still to do', 'I have two lamps, one of them lights.');
await mara.page.getByRole('button', { name: /^1 reply/ }).waitFor();

// Jonas puts his phone away, and comes back to what he has missed.
await jonas.page.getByRole('link', { name: 'Back' }).click();
await jonas.page.getByRole('navigation', { name: 'Conversations' }).waitFor();
await later(12);
await tell(mara, 'There is a train at 16:08, platform 5. Who comes along?', [aiko]);
await later(1);
await chooseFor(aiko, 'There is a train', 'Reply');
await tell(aiko, 'Me! And a cake for the way.', [mara]);
await react(mara, 'And a cake', '🎉');
await ask(mara, 'When do we go back on Sunday?', ['Before lunch', 'After a last swim'], [aiko]);
await message(aiko, 'When do we go back').getByText('After a last swim', { exact: true }).click();
await message(mara, 'When do we go back').getByRole('button', { name: '1 person voted' }).waitFor();
await later(2);

// Something new waits in another group.
await openConversation(aiko, 'Book club');
await tell(aiko, 'Finished chapter eight on the tram. I need to talk about it.', []);
await openLake(aiko);
await mara.page.getByText('1 unread').first().waitFor({ state: 'attached' });

for (const { page } of [mara, jonas]) {
	const notNow = page.getByRole('button', { name: 'Not now' });
	if (await notNow.isVisible()) await notNow.click();
}
await picture(jonas.page, 'phone-list');
await openLake(jonas);
await jonas.page.getByRole('separator', { name: 'New messages' }).waitFor();
await settled(jonas.page);
await picture(jonas.page, 'phone');
await message(jonas, 'When do we go back').getByText('After a last swim', { exact: true }).click();
await tell(jonas, 'I take that train too. See you on platform 5!', [mara, aiko]);
await message(mara, 'When do we go back').getByRole('button', { name: '2 people voted' }).waitFor();
await mara.page.getByRole('img', { name: 'Read by all' }).first().waitFor();
await settled(mara.page);
// What it told of is in the list too, and it lies over what Jonas says.
await mara.page.getByRole('button', { name: 'Dismiss' }).click();
await picture(mara.page, 'desktop');
await mara.page.getByRole('button', { name: 'Details' }).click();
await mara.page.getByRole('list', { name: 'Members' }).waitFor();
await picture(mara.page, 'details');
await mara.page.getByRole('button', { name: 'Invite people' }).first().click();
await mara.page.getByRole('img', { name: 'Invite QR code' }).waitFor();
await picture(mara.page, 'invite');
for (const theme of themes) await compose(browser, theme);

expect(everybody.flatMap(({ unexpected }) => unexpected)).toEqual([]);
await Promise.all(everybody.map((person) => person.close()));

async function arrive(name: string, viewport: typeof phone, deviceScaleFactor: number): Promise<Person> {
	const isPhone = viewport === phone;
	const person = await Person.open(name, relay.url, async () => ({
		context: await browser.newContext({
			locale: 'en-GB',
			viewport,
			deviceScaleFactor,
			isMobile: isPhone,
			hasTouch: isPhone,
			colorScheme: 'light',
			reducedMotion: 'reduce'
		}),
		own: null
	}));
	// Its pings seem to have been unanswered for minutes when the clock jumps, so the signalling dials again.
	person.allow(/WebSocket is already in CLOSING or CLOSED state/);
	return person;
}

/** Sets everybody's clock; it stands still until it is set again. */
async function later(byMinutes: number): Promise<void> {
	minutes += byMinutes;
	await Promise.all(everybody.map(({ page }) => page.clock.setFixedTime(evening + minutes * 60_000)));
}

/** Mara makes it; everybody ends on the list. */
async function makeGroup(name: string, members: readonly Person[]): Promise<void> {
	await createGroup(mara, name);
	const link = await inviteLink(mara);
	for (const member of members) await joinGroup(member, link, name);
}

async function openLake(person: Person): Promise<void> {
	const heading = person.page.getByRole('heading', { name: 'Lake weekend', level: 1 });
	if (!(await heading.isVisible())) await openConversation(person, 'Lake weekend');
	await heading.waitFor();
}

/** Says it, and waits until it is on the others' screens. */
async function tell(person: Person, text: string, others: readonly Person[]): Promise<void> {
	const field = person.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill(text);
	await field.press('Enter');
	// Up to the first mark of formatting, which is not shown as it is written.
	const words = /[^*_`\n]+/.exec(text)?.[0] ?? text;
	await Promise.all([person, ...others].map((each) => sees(each, words)));
}

/** Opens what can be done about a message, and does it. */
async function chooseFor(person: Person, text: string, action: string): Promise<void> {
	await message(person, text).focus();
	await person.page.keyboard.press('Enter');
	await person.page.getByRole('menuitem', { name: action, exact: true }).click();
}

async function react(person: Person, text: string, emoji: string): Promise<void> {
	await message(person, text).focus();
	await person.page.keyboard.press('Enter');
	await person.page.getByRole('menuitemcheckbox', { name: `React with ${emoji}` }).click();
	for (const each of [mara, aiko]) await message(each, text).getByRole('button', { name: emoji }).waitFor();
}

async function answerInThread(person: Person, text: string, answer: string): Promise<void> {
	await chooseFor(person, text, 'Reply in thread');
	const thread = person.page.getByRole('complementary', { name: 'Thread' });
	const field = thread.getByRole('textbox', { name: 'Reply in thread' });
	await field.fill(answer);
	await field.press('Enter');
	await thread.getByRole('article').filter({ hasText: answer }).waitFor();
	await thread.getByRole('button', { name: 'Close' }).click();
	await thread.waitFor({ state: 'detached' });
}

async function ask(
	person: Person,
	question: string,
	options: readonly string[],
	others: readonly Person[]
): Promise<void> {
	const field = person.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill(`/poll ${question}`);
	await field.press('Enter');
	const dialog = person.page.getByRole('dialog', { name: 'New poll' });
	for (const [index, option] of options.entries())
		await dialog.getByRole('textbox', { name: `Choice ${index + 1}` }).fill(option);
	await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
	await dialog.waitFor({ state: 'detached' });
	await Promise.all(others.map((each) => sees(each, question)));
}

async function settled(page: Page): Promise<void> {
	await page.locator('[role=log][aria-busy=false]:not(.invisible)').waitFor();
	await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** In both themes. */
async function picture(page: Page, name: string): Promise<void> {
	for (const colorScheme of themes) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		await page.mouse.move(0, 0);
		await shoot(page, `${name}-${colorScheme}`);
	}
	await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

async function shoot(page: Page, name: string): Promise<void> {
	const path = join(folder, `${name}.png`);
	await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
	const { size } = statSync(path);
	process.stderr.write(`${name}.png ${Math.round(size / 1000)} KB\n`);
	if (size > limitBytes) throw new Error(`${name}.png is larger than a README should load`);
}

/** Desk and phone side by side, as one picture. */
async function compose(of: Browser, theme: (typeof themes)[number]): Promise<void> {
	const page = await of.newPage({ viewport: { width: 1440, height: 780 } });
	const image = (name: string): string =>
		`data:image/png;base64,${readFileSync(join(folder, `${name}-${theme}.png`)).toString('base64')}`;
	const [ground, line] = theme === 'light' ? ['#e4eaec', '#c9d2d6'] : ['#0c0f12', '#2b323a'];
	await page.setContent(`<!doctype html><style>
		body { margin: 0; background: ${ground}; height: 780px; position: relative; overflow: hidden }
		img { position: absolute; border: 1px solid ${line}; box-shadow: 0 12px 32px #0003 }
		.desk { left: 40px; top: 40px; width: 1032px; border-radius: 12px }
		.phone { right: 40px; bottom: 40px; width: 300px; border-radius: 32px; box-shadow: 0 0 0 7px ${line}, 0 16px 40px #0005 }
	</style><img class="desk" src="${image('desktop')}"><img class="phone" src="${image('phone')}">`);
	await page.waitForFunction(() => [...document.images].every((each) => each.complete));
	await shoot(page, theme === 'light' ? 'two-people' : 'two-people-dark');
	await page.close();
}
