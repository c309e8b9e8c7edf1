import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Consent } from '../../../src/lib/app/contacts-contract';
import {
	ConversationPresence,
	typingEveryMs,
	typingShownMs,
	type PresenceLink
} from '../../../src/lib/app/presence';
import type { LastWord } from '../../../src/lib/conversation/frontiers';
import type { HeardPresence, PresenceRefusal } from '../../../src/lib/conversation/presences';
import type { PresenceState } from '../../../src/lib/protocol/presence';
import { ok, type Result } from '../../../src/lib/protocol/result';
import { ManualTimers } from '../link/manual-timers';

const all: Consent = { receipts: true, typing: true, online: true };
const nothing: Consent = { receipts: false, typing: false, online: false };

/** Frames here are the state itself, so that what is sent can be looked at. */
const frameOf = ({ typing, online }: PresenceState): Uint8Array =>
	Uint8Array.of((typing ? 1 : 0) + (online ? 2 : 0));

async function settled(): Promise<void> {
	for (let i = 0; i < 10; i++) await Promise.resolve();
}

function scene(consent: Consent) {
	const timers = new ManualTimers();
	const world = {
		timers,
		consent,
		sent: [] as { readonly link: number; readonly frame: number }[],
		madeAtMs: [] as number[],
		changes: 0,
		next: ok(undefined) as Result<undefined, PresenceRefusal>,
		heard: null as HeardPresence | null,
		words: new Map<string, LastWord>()
	};
	const presence = new ConversationPresence({
		timers,
		consent: () => world.consent,
		create: async (state) => {
			world.madeAtMs.push(timers.now());
			return frameOf(state);
		},
		receive: async (): Promise<Result<HeardPresence, PresenceRefusal>> =>
			!world.next.ok || world.heard === null
				? { ok: false, reason: world.next.ok ? 'presence-lane' : world.next.reason }
				: ok(world.heard),
		lastWords: () => world.words,
		saidTime: () => undefined,
		changed: () => world.changes++
	});
	const link = (id: number, account: string): PresenceLink => ({
		id,
		peer: { account },
		send: (_, message) => {
			world.sent.push({ link: id, frame: message[0] ?? -1 });
			return true;
		}
	});
	const hear = (from: PresenceLink, state: PresenceState, account = from.peer.account) => {
		world.heard = { ...state, account, atMs: timers.now() };
		return presence.received(from, frameOf(state));
	};
	return { world, presence, link, hear, timers };
}

describe('what others are told', () => {
	it('is nothing at all without consent, whatever happens', async () => {
		const steps = fc.array(
			fc.record({
				act: fc.constantFrom('open', 'close', 'type', 'stop', 'look', 'wait', 'hear'),
				ms: fc.integer({ min: 0, max: 9_000 })
			}),
			{ maxLength: 40 }
		);
		await fc.assert(
			fc.asyncProperty(steps, async (acts) => {
				const { world, presence, link, hear, timers } = scene(nothing);
				let id = 0;
				for (const { act, ms } of acts) {
					if (act === 'open') presence.opened(link(++id, 'bob'));
					else if (act === 'close') presence.linkClosed(link(id, 'bob'));
					else if (act === 'type') presence.typed();
					else if (act === 'stop') presence.typedNoMore();
					else if (act === 'look') presence.look();
					else if (act === 'hear') await hear(link(id, 'bob'), { typing: true, online: true });
					else timers.pass(ms);
					await settled();
				}
				expect(world.sent).toEqual([]);
			})
		);
	});

	it('is that somebody types, at most once in three seconds, and never after it was sent', async () => {
		const gaps = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 });
		await fc.assert(
			fc.asyncProperty(gaps, async (waits) => {
				const { world, presence, link, timers } = scene({ ...nothing, typing: true });
				presence.opened(link(1, 'bob'));
				for (const ms of waits) {
					presence.typed();
					timers.pass(ms);
					await settled();
				}
				const times = [...world.madeAtMs];
				expect(world.sent.every(({ frame }) => frame === 1)).toBe(true);
				for (const [i, atMs] of times.slice(1).entries())
					expect(atMs - (times[i] ?? 0)).toBeGreaterThanOrEqual(typingEveryMs);
				presence.typedNoMore();
				timers.pass(20_000);
				await settled();
				expect(world.madeAtMs).toEqual(times);
			})
		);
	});

	it('is told again when one goes on typing after having sent something', async () => {
		const { world, presence, link, timers } = scene(all);
		presence.opened(link(1, 'bob'));
		presence.typed();
		presence.typedNoMore();
		timers.pass(1_000);
		presence.typed();
		await settled();
		expect(world.sent.map(({ frame }) => frame)).toEqual([2, 3]);
		timers.pass(2_000);
		await settled();
		expect(world.sent.map(({ frame }) => frame)).toEqual([2, 3, 3]);
	});

	it('is taken back from those who were told, and from nobody else', async () => {
		const { world, presence, link } = scene(all);
		presence.opened(link(1, 'bob'));
		await settled();
		world.consent = nothing;
		presence.opened(link(2, 'carol'));
		presence.look();
		await settled();
		expect(world.sent.map(({ link: id, frame }) => [id, frame])).toEqual([
			[1, 2],
			[1, 0]
		]);
	});

	it('is not told when consent goes while it is being made', async () => {
		const { world, presence, link } = scene(all);
		presence.opened(link(1, 'bob'));
		presence.typed();
		world.consent = nothing;
		presence.look();
		await settled();
		expect(world.sent.filter(({ frame }) => frame !== 0)).toEqual([]);
	});
});

describe('what is shown of others', () => {
	it('ends six seconds after the last word, and when they have said something', async () => {
		const { presence, link, hear, timers } = scene(nothing);
		const bob = link(1, 'bob');
		presence.opened(bob);
		await hear(bob, { typing: true, online: true });
		timers.pass(typingShownMs - 1);
		expect(presence.typing).toEqual(['bob']);
		await hear(bob, { typing: true, online: true });
		timers.pass(typingShownMs - 1);
		expect(presence.typing).toEqual(['bob']);
		timers.pass(1);
		expect(presence.typing).toEqual([]);
		await hear(bob, { typing: true, online: true });
		presence.said('bob', timers.now());
		expect(presence.typing).toEqual([]);
		// It was typed before that was said, and has come after it.
		await hear(bob, { typing: true, online: true });
		expect(presence.typing).toEqual([]);
		expect(timers.waiting).toBe(0);
	});

	it('is online only on their own word on this link, and never what another says of them', async () => {
		const { world, presence, link, hear } = scene(all);
		const [bob, mallory] = [link(1, 'bob'), link(2, 'mallory')];
		presence.opened(bob);
		presence.opened(mallory);
		expect(presence.sightOf('bob').kind).toBe('away');
		expect(await hear(mallory, { typing: true, online: true }, 'bob')).toMatchObject({
			reason: 'presence-foreign'
		});
		expect(presence.sightOf('bob').kind).toBe('away');
		expect(presence.typing).toEqual([]);
		await hear(bob, { typing: false, online: true });
		expect(presence.sightOf('bob')).toEqual({ kind: 'online' });
		await hear(bob, { typing: false, online: false });
		expect(presence.sightOf('bob')).toEqual({ kind: 'hidden' });
		presence.linkClosed(bob);
		expect(presence.sightOf('bob')).toEqual({ kind: 'hidden' });
		world.words.set('bob', { atMs: 2 ** 50, online: true });
		expect(presence.sightOf('bob')).toEqual({ kind: 'away', seenAtMs: world.timers.now() });
	});

	it('refuses what is too large, too much, or from a link that is gone, before any cryptography', async () => {
		const { world, presence, link, hear } = scene(all);
		const bob = link(1, 'bob');
		expect(await hear(bob, { typing: true, online: true })).toMatchObject({ reason: 'presence-foreign' });
		presence.opened(bob);
		expect(await presence.received(bob, new Uint8Array(200))).toMatchObject({ reason: 'presence-size' });
		const answers: unknown[] = [];
		for (let i = 0; i < 20; i++) answers.push((await hear(bob, { typing: true, online: true })).ok);
		expect(answers.filter((each) => each === true).length).toBe(8);
		world.timers.pass(3_000);
		expect((await hear(bob, { typing: true, online: true })).ok).toBe(true);
	});

	it('takes a word that came before its author was known, once they are', async () => {
		const { world, presence, link } = scene(all);
		const bob = link(1, 'bob');
		presence.opened(bob);
		expect(await presence.received(bob, Uint8Array.of(2))).toMatchObject({ reason: 'presence-lane' });
		world.heard = { account: 'bob', typing: false, online: true, atMs: world.timers.now() };
		presence.look();
		await settled();
		expect(presence.sightOf('bob')).toEqual({ kind: 'online' });
	});
});
