import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/lib/protocol/crypto';
import {
	openAnswer,
	rendezvousLimitChars,
	rendezvousOf,
	sealAnswer,
	sealKnock,
	signReceipt
} from '../../../src/lib/protocol/rendezvous';
import { must } from '../../must';
import { crypto, Scene, type Human } from './rendezvous-scene';

const { subtle } = crypto;
const scenes: Scene[] = [];

function newScene(seed?: number): Scene {
	const scene = new Scene(seed);
	scenes.push(scene);
	return scene;
}

afterEach(async () => {
	for (const scene of scenes.splice(0)) await scene.close();
});

/** Bob knocks by Ann's link, and she is away. */
async function knockingInVain() {
	const scene = newScene();
	const [ann, bob] = [await scene.human('Ann'), await scene.human('Bob')];
	const link = await ann.link();
	ann.topics.disconnect();
	must(await bob.people.sendRequest(link, 'Hello'));
	return { scene, ann, bob, link, rendezvous: await rendezvousOf(subtle, link) };
}

const has = async (human: Human): Promise<boolean> =>
	(await human.introductions()).every(({ keptUntilMs }) => keptUntilMs !== null);
const waits = ({ shown }: Human): boolean => shown.requests.length > 0;

describe('an introduction at the door of a link', () => {
	it('comes as one request where no inbox takes it, and its author stops', async () => {
		const scene = newScene();
		const [ann, bob] = [await scene.human('Ann'), await scene.human('Bob')];
		const link = await ann.link();
		must(await bob.people.sendRequest(link, 'Hello'));
		await scene.until(() => waits(ann));
		await scene.until(() => has(bob));
		expect(ann.shown.requests).toMatchObject([{ account: bob.account, name: 'Bob', text: 'Hello' }]);
		const { door } = await rendezvousOf(subtle, link);
		const knocks = (): number => scene.signalling.published.filter(({ topic }) => topic === door).length;
		// One that was being sealed when the receipt came is said all the same.
		await scene.pass(60_000);
		const before = knocks();
		await scene.pass(60 * 60_000);
		expect(knocks()).toBe(before);
		expect(ann.asked).toEqual(['Bob']);
	});

	it.each([1, 2, 3, 4, 5, 6])('comes once through losses, doubles and delays (seed %i)', async (seed) => {
		const scene = newScene(seed);
		Object.assign(scene.signalling, { losing: 0.5, doubling: 0.4, longestDelayMs: 20_000 });
		const ann = await scene.human('Ann');
		const link = await ann.link();
		const others = [await scene.human('Bob'), await scene.human('Cem')];
		for (const other of others) must(await other.people.sendRequest(link, `from ${other.account}`));
		await scene.until(async () => (await Promise.all(others.map(has))).every(Boolean), 60 * 60_000, 2_000);
		expect(ann.shown.requests.map(({ text }) => text).sort()).toEqual(
			others.map(({ account }) => `from ${account}`).sort()
		);
		expect(ann.asked.sort()).toEqual(['Bob', 'Cem']);
	});

	it('is said again when the other comes, and when there is a connection', async () => {
		const scene = newScene();
		let ann = await scene.human('Ann');
		const link = await ann.link();
		ann.topics.disconnect();
		const bob = await scene.human('Bob', false);
		must(await bob.people.sendRequest(link, 'Hello'));
		// By now it is tried every five minutes.
		await scene.pass(60 * 60_000);
		bob.topics.connect();
		await scene.pass(1_000);
		ann = await scene.again(ann);
		await scene.until(() => waits(ann), 30_000);
		await scene.until(() => has(bob), 30_000);
	});

	it('that comes by both ways at once asks once', async () => {
		const scene = newScene();
		const [ann, bob] = [await scene.human('Ann'), await scene.human('Bob')];
		Object.assign(scene.inboxes, { away: false, losesAnswers: true });
		must(await bob.people.sendRequest(await ann.link(), 'Hello'));
		await scene.until(() => has(bob));
		await scene.until(() => ann.refused('introduction: seen-before') > 0);
		expect(ann.asked).toEqual(['Bob']);
		expect(ann.shown.requests).toHaveLength(1);
	});

	it('is not said there where the inbox has taken it', async () => {
		const scene = newScene();
		scene.inboxes.away = false;
		const [ann, bob] = [await scene.human('Ann'), await scene.human('Bob')];
		const link = await ann.link();
		must(await bob.people.sendRequest(link, 'Hello'));
		await scene.until(() => waits(ann));
		const { door } = await rendezvousOf(subtle, link);
		expect(scene.signalling.published.filter(({ topic }) => topic === door)).toEqual([]);
	});

	it.each(['declined', 'blocked'] as const)(
		'of somebody who was %s is answered as any other, and asks nothing',
		async (fate) => {
			const scene = newScene();
			let ann = await scene.human('Ann');
			const [bob, link] = [await scene.human('Bob'), await ann.link()];
			must(await bob.people.sendRequest(link, 'Hello'));
			await scene.until(() => waits(ann));
			await scene.until(() => has(bob));
			if (fate === 'declined') must(await ann.people.decline(bob.account));
			else must(await ann.people.setBlocked(bob.account, true));
			// After a start nothing is remembered but what is in the rows.
			ann = await scene.again(ann);
			const [row] = await bob.introductions();
			if (row === undefined) throw new Error('the introduction is gone');
			const rendezvous = await rendezvousOf(subtle, link);
			// A second receipt from before may still be under way.
			await scene.pass(60_000);
			const answers: unknown[] = [];
			const eve = scene.signalling.client();
			eve.listen([rendezvous.answers]);
			eve.follow({ connected: () => undefined, heard: (_, data) => answers.push(data) });
			await scene.until(() => scene.signalling.listenersOf(rendezvous.door) === 1);
			eve.publish(rendezvous.door, await sealKnock(crypto, rendezvous, row.sealed));
			await scene.until(async () => {
				const read = await Promise.all(answers.map((data) => openAnswer(subtle, rendezvous, data)));
				return read.some((answer) => answer.ok && answer.value.type === 'receipt');
			});
			expect(ann.refused(`introduction: ${fate === 'declined' ? 'seen-before' : 'blocked'}`)).toBe(1);
			expect([ann.asked, ann.shown.requests]).toEqual([[], []]);
		}
	);

	it('does not come back when its author blocks at the very moment in which the inbox takes it', async () => {
		const scene = newScene();
		const [ann, bob] = [await scene.human('Ann'), await scene.human('Bob')];
		const link = await ann.link();
		let blocked: Promise<unknown> | null = null;
		scene.inboxes.onLeft = () => {
			// What is written before it makes it wait: by then the inbox has answered.
			for (let i = 0; i < 20; i++) void bob.people.changePrivacy({ typing: i % 2 === 0 });
			blocked ??= bob.people.setBlocked(ann.account, true);
		};
		scene.inboxes.away = false;
		must(await bob.people.sendRequest(link, 'Hello'));
		await scene.until(() => blocked !== null);
		await blocked;
		// Whatever has come after it is written by the time that this is.
		must(await bob.people.changePrivacy({ typing: true }));
		expect(await bob.introductions()).toEqual([]);
	});

	it('is not said any more to whom its author has blocked', async () => {
		const { scene, ann, bob, rendezvous } = await knockingInVain();
		await scene.until(() => scene.signalling.published.some(({ topic }) => topic === rendezvous.door));
		must(await bob.people.setBlocked(ann.account, true));
		// One that was being sealed is said all the same.
		await scene.pass(60_000);
		const before = scene.signalling.published.length;
		bob.topics.connect();
		await scene.until(() => scene.signalling.listenersOf(rendezvous.answers) === 0);
		await scene.pass(60 * 60_000);
		expect(scene.signalling.published).toHaveLength(before);
	});
});

describe('the door of a link', () => {
	it('is open only as far as this person is to be reached and to be seen', async () => {
		const scene = newScene();
		const ann = await scene.human('Ann');
		const { door } = await rendezvousOf(subtle, await ann.link());
		const isOpen = (): boolean => scene.signalling.listenersOf(door) === 1;
		await scene.until(isOpen);
		must(await ann.people.changePrivacy({ reach: 'nobody' }));
		await scene.until(() => !isOpen());
		must(await ann.people.changePrivacy({ reach: 'contacts-of-contacts' }));
		await scene.until(isOpen);
		must(await ann.people.changePrivacy({ online: false }));
		await scene.until(() => !isOpen());
		must(await ann.people.changePrivacy({ online: true }));
		await scene.until(isOpen);
		await ann.people.close();
		expect(isOpen()).toBe(false);
	});

	it('is closed with the link, and there is none without one', async () => {
		const scene = newScene();
		const ann = await scene.human('Ann');
		await scene.pass(10_000);
		expect(scene.signalling.published).toEqual([]);
		const [before, after] = [
			await rendezvousOf(subtle, await ann.link()),
			(must(await ann.people.renewContactLink()), await rendezvousOf(subtle, await ann.link()))
		];
		await scene.until(() => scene.signalling.listenersOf(after.door) === 1);
		expect(scene.signalling.listenersOf(before.door)).toBe(0);
	});

	it('takes garbage for what it is, before anything is opened, and goes on', async () => {
		const scene = newScene();
		const ann = await scene.human('Ann');
		const link = await ann.link();
		const [rendezvous, other] = [
			await rendezvousOf(subtle, link),
			await rendezvousOf(subtle, { ...link, secret: new Uint8Array(16) })
		];
		const { door } = rendezvous;
		await scene.until(() => scene.signalling.listenersOf(door) === 1);
		const bad: readonly (readonly [data: unknown, reason: string])[] = [
			[{ type: 'ring' }, 'form'],
			[undefined, 'form'],
			['A'.repeat(rendezvousLimitChars + 1), 'form'],
			['not base64url!', 'base64url'],
			['AAAA', 'truncated'],
			['A'.repeat(64), 'sealed'],
			[await sealKnock(crypto, other, new Uint8Array(200)), 'sealed'],
			// Said on the other topic of the same link.
			[await sealAnswer(crypto, rendezvous, { type: 'here' }), 'sealed']
		];
		for (const [data] of bad) scene.signalling.publish(door, data);
		const counted = (reason: string): number => bad.filter(([, each]) => each === reason).length;
		await scene.until(() => bad.every(([, reason]) => ann.refused(`knock: ${reason}`) === counted(reason)));
		const bob = await scene.human('Bob');
		must(await bob.people.sendRequest(link, 'Hello'));
		await scene.until(() => waits(ann));
	});

	it('opens so many introductions a minute, each once, and lets others in later', async () => {
		const scene = newScene();
		const [ann, bob] = [await scene.human('Ann'), await scene.human('Bob')];
		const link = await ann.link();
		const rendezvous = await rendezvousOf(subtle, link);
		await scene.until(() => scene.signalling.listenersOf(rendezvous.door) === 1);
		const same = await sealKnock(crypto, rendezvous, new Uint8Array(300));
		for (let round = 0; round < 10; round++) {
			scene.signalling.publish(rendezvous.door, same);
			await scene.pass(1_000);
		}
		await scene.until(() => ann.refused('introduction: version') === 1);
		const beganMs = scene.timers.now();
		const refusals = (): number =>
			ann.log.rejections
				.filter(({ reason }) => /^(introduction|knock):/.test(reason))
				.reduce((sum, { count }) => sum + count, 0);
		for (let round = 1; round <= 60; round++) {
			const junk = new Uint8Array(300).fill(round + 1);
			scene.signalling.publish(rendezvous.door, await sealKnock(crypto, rendezvous, junk));
			await scene.until(() => refusals() > round, 1_000, 10);
		}
		const opened = ann.log.rejections
			.filter(({ reason }) => reason.startsWith('introduction:'))
			.reduce((sum, { count }) => sum + count, 0);
		// Twenty at once, and twenty a minute.
		expect(opened).toBeLessThanOrEqual(21 + (scene.timers.now() - beganMs) / 3_000);
		expect(ann.refused('knock: too-many') + ann.refused('knock: too-fast')).toBe(61 - opened);
		must(await bob.people.sendRequest(link, 'Hello'));
		await scene.until(() => waits(ann));
	});
});

describe('a receipt', () => {
	it('counts only by the device of the link, and for that introduction', async () => {
		const { scene, ann, bob, link, rendezvous } = await knockingInVain();
		const eve = await scene.human('Eve');
		await scene.until(() => scene.signalling.listenersOf(rendezvous.answers) === 1);
		const [row] = await bob.introductions();
		if (row === undefined) throw new Error('the introduction is gone');
		const hash = sha256(row.sealed);
		const say = async (receipt: Awaited<ReturnType<typeof signReceipt>>): Promise<void> =>
			scene.signalling.publish(
				rendezvous.answers,
				await sealAnswer(crypto, rendezvous, { type: 'receipt', ...receipt })
			);
		const { devicePrivateKey: forger } = eve.identity;
		const { devicePrivateKey: owner } = ann.identity;
		// By somebody else; about another inbox; for other words, which is nobody's fault; garbage.
		await say(await signReceipt(subtle, forger, link.topic, hash));
		await say(await signReceipt(subtle, owner, new Uint8Array(32), hash));
		await say(await signReceipt(subtle, owner, link.topic, sha256(hash)));
		scene.signalling.publish(rendezvous.answers, 'A'.repeat(64));
		await scene.until(() => bob.refused('answer to a knock: receipt-signature') === 2);
		await scene.until(() => bob.refused('answer to a knock: sealed') === 1);
		expect(await has(bob)).toBe(false);
		await say(await signReceipt(subtle, owner, link.topic, hash));
		await scene.until(() => has(bob));
	});

	it('does not make whoever waits say more than so often, however often somebody says "here"', async () => {
		const { scene, rendezvous } = await knockingInVain();
		// By then the outbox itself tries every few minutes.
		await scene.pass(60 * 60_000);
		const before = scene.signalling.published.filter(({ topic }) => topic === rendezvous.door).length;
		for (let round = 0; round < 60; round++) {
			scene.signalling.publish(rendezvous.answers, await sealAnswer(crypto, rendezvous, { type: 'here' }));
			await scene.pass(1_000);
		}
		const more = scene.signalling.published.filter(({ topic }) => topic === rendezvous.door).length - before;
		expect(more).toBeGreaterThanOrEqual(3);
		expect(more).toBeLessThanOrEqual(8);
	});
});
