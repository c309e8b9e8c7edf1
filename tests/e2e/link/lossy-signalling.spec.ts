import type { Fate, PublishedFrame } from './signalling';
import { expect, test } from './link-test';

for (const kind of ['offer', 'answer'] as const) {
	test(`a lost ${kind} heals by itself`, async ({ alice, bob, room, server }) => {
		let lost = false;
		server.fateOf = (frame) => {
			if (frame.kind !== kind || lost) return 'pass';
			lost = true;
			return 'lose';
		};
		await alice.join({ room, entries: [{ key: 'a', bytes: 10 }] });
		await bob.join({ room });
		await bob.hasKeys(room, ['a'], 15_000);
		expect(server.lost).toBe(1);
	});
}

test('with 30 % of signalling lost all pairs still connect', async ({ alice, bob, room, server }) => {
	const pairs = 12;
	server.fateOf = losing(0.3, 20_261_121);
	const rooms = Array.from({ length: pairs }, (_, number) => `${room} ${number}`);
	await Promise.all([
		alice.joinAll(rooms.map((name) => ({ room: name, entries: [{ key: 'a', bytes: 10 }] }))),
		bob.joinAll(rooms.map((name) => ({ room: name })))
	]);
	for (const name of rooms) await bob.hasKeys(name, ['a']);
	expect(server.lost).toBeGreaterThan(pairs);
});

test('signalling that comes back brings new peers together', async ({ alice, bob, room, server }) => {
	await alice.join({ room, entries: [{ key: 'a', bytes: 10 }] });
	await expect.poll(() => server.published.some((frame) => frame.topic === room)).toBe(true);
	server.closeSockets();
	await bob.join({ room });
	await bob.hasKeys(room, ['a']);
});

test('an established link does not notice that signalling is gone', async ({ alice, bob, room, server }) => {
	await alice.join({ room });
	await bob.join({ room });
	await bob.hasLinks(room, 1);
	await alice.hasLinks(room, 1);
	server.closeSockets();
	await alice.call('set', room, 'later', 300_000);
	await bob.hasKeys(room, ['later']);
});

/** Loses `share` of all frames, the same ones for the same seed and order (mulberry32). */
function losing(share: number, seed: number): (frame: PublishedFrame) => Fate {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < share ? 'lose' : 'pass';
	};
}
