/**
 * Two honest people on screen, and a member of their group who means harm in a browser of its own. The honest two stay
 * for all rows of a file; the member comes in again, as somebody new, when the others have hung up on it.
 */
import { test as base, type Browser, type LaunchOptions } from '@playwright/test';
import type { Behaviour } from '../../adversary/hostile-peer/behaviours';
import type { Way } from '../../adversary/hostile-peer/member';
import { expect } from '../fixtures';
import {
	diagnostics,
	gather,
	inConversation,
	inviteLink,
	linked,
	message,
	saved,
	sees,
	send
} from '../people';
import { pageScript } from '../../page-script';
import { browserOpener, Person, type PersonOptions } from '../person';
import { RelayProcess } from '../relay-process';

/** Three browsers share a machine with other tests. */
const slow = { timeout: 60_000 };
const group = 'Trip';
/** High enough for the last words of both to be in the document. */
const viewport = { width: 1280, height: 1600 };
const said = /(Alice|Bob) during [a-z-]+/;

export class HostileScene {
	#fragment = '';
	#visits = 0;
	/** What the honest two have said, in order. */
	readonly #said: string[] = [];

	private constructor(
		readonly relay: RelayProcess,
		readonly alice: Person,
		readonly bob: Person,
		readonly mallory: Person,
		readonly script: string,
		readonly way: Way
	) {}

	/** @param way relay: the honest two have no direct links, so that all goes through the relay */
	static async open(browser: Browser, launch: LaunchOptions, way: Way): Promise<HostileScene> {
		const relay = await RelayProcess.start();
		const open = (name: string, options: PersonOptions): Promise<Person> =>
			Person.open(name, relay.url, browserOpener(browser, launch, options, null));
		const args = way === 'relay' ? ['--webrtc-ip-handling-policy=disable_non_proxied_udp'] : [];
		const [alice, bob, mallory] = await Promise.all([
			open('Alice', { viewport, args }),
			open('Bob', { viewport, args }),
			open('Mallory', {})
		]);
		const scene = new HostileScene(
			relay,
			alice,
			bob,
			mallory,
			await pageScript(new URL('../../adversary/hostile-peer/page.ts', import.meta.url)),
			way
		);
		await gather(group, alice, bob);
		scene.#fragment = new URL(await inviteLink(alice)).hash;
		if (way === 'links') await linked(alice, bob);
		mallory.allow(/favicon\.ico|WebSocket/);
		await scene.talk('before');
		return scene;
	}

	async close(): Promise<void> {
		for (const person of [this.alice, this.bob, this.mallory]) await person.close();
		await this.relay[Symbol.asyncDispose]();
		expect([this.alice, this.bob, this.mallory].flatMap(({ unexpected }) => unexpected)).toEqual([]);
	}

	get honest(): readonly Person[] {
		return [this.alice, this.bob];
	}

	/** As the others know the member who is in now. */
	get memberName(): string {
		return `Mallory ${String.fromCharCode(64 + this.#visits)}`;
	}

	/** Comes in as somebody new, whatever was before, by a link that is still open: a removal closes all of them. */
	async leaveAndComeIn(): Promise<void> {
		this.#fragment = new URL(await inviteLink(this.alice)).hash;
		await this.mallory.page.goto('about:blank');
		await this.memberIsIn();
	}

	/** The member is in, linked with both, and knows all that was said. */
	async memberIsIn(): Promise<void> {
		const { page } = this.mallory;
		const links = this.way === 'links' ? 2 : 0;
		const isIn = (): Promise<number> =>
			page.evaluate((count) => window.hostileMember?.links(count) ?? -1, this.#said.length);
		if (this.#visits > 0 && (await isIn()) === links) return;
		// A file of the relay and not a made-up answer, which Chromium would not let connect to a local address.
		await page.goto(`${this.relay.url}/icon.svg`);
		await page.evaluate(this.script);
		this.#visits++;
		await page.evaluate(([fragment, name]) => window.hostileMember.comeIn(fragment, name), [
			this.#fragment,
			this.memberName
		] as const);
		await expect.poll(isIn, slow).toBe(links);
	}

	/** Each says something, and the other sees it. */
	async talk(name: string): Promise<void> {
		const words = [`Alice during ${name}`, `Bob during ${name}`] as const;
		await send(this.alice, words[0]);
		await send(this.bob, words[1]);
		await sees(this.bob, words[0], slow.timeout);
		await sees(this.alice, words[1], slow.timeout);
		await saved(this.alice, words[0]);
		this.#said.push(...words);
	}

	/** Nothing forged is on screen, and nothing honest is missing. */
	async screensAreHonest(): Promise<void> {
		for (const person of this.honest) {
			await inConversation(person, group);
			await expect(message(person, 'FORGED')).toHaveCount(0);
			await expect(person.page.getByText('FORGED')).toHaveCount(0);
			const articles = person.page.getByRole('log', { name: 'Messages' }).getByRole('article');
			const newest = person.page.getByRole('button', { name: 'Jump to newest' });
			// What was not read yet opens where reading stopped.
			await expect(async () => {
				if (await newest.isVisible()) await newest.click();
				const texts = (await articles.allInnerTexts()).flatMap((text) => said.exec(text)?.[0] ?? []);
				expect([...texts].sort()).toEqual(this.#said.slice(-texts.length).sort());
				expect(texts.length).toBeGreaterThanOrEqual(Math.min(this.#said.length, 4));
			}).toPass({ timeout: 20_000 });
		}
	}

	/** What an honest device has refused so far, for reasons like this one. */
	async refusedBy(person: Person, reason: RegExp): Promise<number> {
		const { rejections } = await diagnostics(person);
		return rejections
			.filter((rejection) => reason.test(rejection.reason))
			.reduce((sum, { count }) => sum + count, 0);
	}

	/** The same of the relay. */
	async refusedByRelay(reason: RegExp): Promise<number> {
		const text = await (await fetch(`${this.relay.url}/metrics`)).text();
		let sum = 0;
		for (const [, labels = '', value] of text.matchAll(/^skein_relay_rejected_total\{([^}]*)\} (\d+)$/gm)) {
			if (reason.test(/reason="([^"]*)"/.exec(labels)?.[1] ?? '')) sum += Number(value);
		}
		return sum;
	}

	/** One row: the member misbehaves while the others talk; nothing shows, and it is counted. */
	async endures({ name, counted, atRelay }: Behaviour): Promise<void> {
		await this.memberIsIn();
		const byRelay = this.way === 'relay' ? (atRelay ?? null) : null;
		const byDevices = byRelay === null ? counted : null;
		const before = byDevices === null ? 0 : await this.refusedBy(this.bob, byDevices);
		const beforeAtRelay = byRelay === null ? 0 : await this.refusedByRelay(byRelay);
		const act = this.mallory.page.evaluate(([each, way]) => window.hostileMember.behave(each, way), [
			name,
			this.way
		] as const);
		await this.talk(name);
		await act;
		if (byDevices !== null)
			await expect.poll(() => this.refusedBy(this.bob, byDevices), slow).toBeGreaterThan(before);
		if (byRelay !== null)
			await expect.poll(() => this.refusedByRelay(byRelay), slow).toBeGreaterThan(beforeAtRelay);
		await this.screensAreHonest();
	}
}

interface Scenes {
	readonly way: Way;
	readonly scene: HostileScene;
}

/** One scene for all tests that a worker runs; set `way` with `test.use`. */
export const test = base.extend<object, Scenes>({
	way: ['links', { option: true, scope: 'worker' }],
	scene: [
		async ({ browser, launchOptions, way }, use) => {
			const scene = await HostileScene.open(browser, launchOptions, way);
			await use(scene);
			await scene.close();
		},
		{ scope: 'worker', timeout: 240_000 }
	]
});
