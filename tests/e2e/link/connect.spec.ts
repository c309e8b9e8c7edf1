import { expect, test } from './link-test';

test('two pages connect, know each other, and 2 MB documents cross both ways', async ({
	alice,
	bob,
	room
}) => {
	await alice.join({ room, account: 'alice', entries: [{ key: 'a', bytes: 2_000_000 }] });
	await bob.join({ room, account: 'bob', entries: [{ key: 'b', bytes: 2_000_000 }] });
	await alice.hasKeys(room, ['a', 'b']);
	await bob.hasKeys(room, ['a', 'b']);

	const [atAlice, atBob] = [await alice.report(room), await bob.report(room)];
	expect(atAlice.peers).toEqual(['bob']);
	expect(atBob.peers).toEqual(['alice']);
	expect([...atAlice.violations, ...atBob.violations, ...alice.errors, ...bob.errors]).toEqual([]);
});

test('y-webrtc uses our connection, and every frame passes the guard', async ({ alice, bob, room }) => {
	await alice.join({ room, entries: [{ key: 'a', bytes: 100 }] });
	await bob.join({ room });
	await bob.hasKeys(room, ['a']);
	for (const visitor of [alice, bob]) {
		const report = await visitor.report(room);
		expect(report.connections).toBe(1);
		expect(report.usesLink).toBe(true);
		expect(report.guarded).toBeGreaterThan(0);
	}
});

test('a document changed after connecting is larger than one send of the browser', async ({
	alice,
	bob,
	room
}) => {
	await alice.join({ room });
	await bob.join({ room });
	await alice.hasLinks(room, 1);
	await bob.hasLinks(room, 1);
	await alice.call('set', room, 'late', 1_000_000);
	await bob.hasKeys(room, ['late']);
});

test('messages on control and sync arrive whole and in order', async ({ alice, bob, room }) => {
	await alice.join({ room });
	await bob.join({ room });
	await alice.hasLinks(room, 1);
	await bob.hasLinks(room, 1);
	const sizes = [1, 16_383, 16_384, 5_000_000, 8 * 1024 * 1024, 7];
	const digests: (string | null)[] = [];
	for (const bytes of sizes) digests.push(await alice.call('send', room, 'sync', bytes));
	await bob.page.waitForFunction(([name, count]) => window.harness.report(name).received.length === count, [
		room,
		sizes.length
	] as const);
	const { received } = await bob.report(room);
	expect(received.map((message) => message.digest)).toEqual(digests);
	expect(received.map((message) => message.bytes)).toEqual(sizes);

	const control = await bob.call('send', room, 'control', 60_000);
	await alice.page.waitForFunction((name) => window.harness.report(name).received.length === 1, room);
	expect((await alice.report(room)).received).toEqual([
		{ channel: 'control', bytes: 60_000, digest: control }
	]);
});

test('a room that was left can be joined again, and the peer sees the link close', async ({
	alice,
	bob,
	room
}) => {
	await alice.join({ room });
	await bob.join({ room });
	await bob.hasLinks(room, 1);
	await alice.call('leave', room);
	await bob.hasLinks(room, 0);
	expect((await bob.report(room)).closed).toEqual(['closed-by-peer']);
	await alice.join({ room });
	await alice.hasLinks(room, 1);
	await bob.hasLinks(room, 1);
	expect([...alice.errors, ...bob.errors]).toEqual([]);
});

test('a link closed with a pause comes back after it, and not before', async ({ alice, bob, room }) => {
	await alice.join({ room });
	await bob.join({ room });
	await alice.hasLinks(room, 1);
	const closedAt = Date.now();
	await alice.call('closeLinks', room, 3_000);
	await bob.hasLinks(room, 0);
	await bob.hasLinks(room, 1);
	expect(Date.now() - closedAt).toBeGreaterThan(2_900);
});

test('leaving for good says nothing to the room afterwards', async ({ alice, bob, room, server }) => {
	await alice.join({ room: `${room} shared socket` });
	await alice.join({ room });
	await bob.join({ room });
	await alice.hasLinks(room, 1);
	await bob.hasLinks(room, 1);
	const before = server.published.filter((frame) => frame.topic === room).map((frame) => frame.from);
	await alice.call('leave', room);
	await bob.hasLinks(room, 0);
	await bob.call('reannounce', room);
	await expect
		.poll(() => server.published.filter((frame) => frame.topic === room).length)
		.toBeGreaterThan(before.length);
	// A link that has just opened may still tell of ways that it has found.
	const after = server.published
		.filter((frame) => frame.topic === room)
		.slice(before.length)
		.filter((frame) => frame.kind !== 'candidate');
	expect(new Set(after.map((frame) => frame.kind))).toEqual(new Set(['announce']));
	expect(new Set(after.map((frame) => frame.from)).size).toBe(1);
});

test('nothing goes from tab to tab but through a guarded link', async ({ alice, room }) => {
	const tab = await alice.openTab();
	const listener = await alice.openTab();
	await listener.call('overhear', room);
	await alice.join({ room, entries: [{ key: 'a', bytes: 10 }] });
	await tab.join({ room, entries: [{ key: 'b', bytes: 10 }] });
	await alice.hasKeys(room, ['b']);
	await tab.hasKeys(room, ['a']);
	await alice.call('set', room, 'later', 10);
	await tab.hasKeys(room, ['later']);
	expect((await tab.report(room)).guarded).toBeGreaterThan(0);
	await alice.call('leave', room);
	await tab.call('sayEnd', room);
	await expect.poll(() => listener.call('overheard')).toEqual(['end']);
});
