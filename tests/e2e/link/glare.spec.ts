import { expect, test } from './link-test';
import type { Fate, PublishedFrame, SignallingServer } from './signalling';

const pairs = 40;
/** Eighty connections at once can take a while on a busy machine: being late is no violation here. */
const timing = { connectMs: 60_000, connectSlowestMs: 60_000, handshakeMs: 60_000 };
/** The test says when they announce themselves. */
const quiet = { announceEveryMs: 600_000 };

/** Sooner than a watchdog begins anew (docs/decisions/0008): what is there by then has needed none. */
const unwatchedMs = 6_000;

test(`${pairs} pairs that join at the same moment all connect`, async ({ alice, bob, room }) => {
	test.setTimeout(150_000);
	const rooms = Array.from({ length: pairs }, (_, number) => `${room} ${number}`);
	await Promise.all([
		alice.joinAll(rooms.map((name) => ({ room: name, timing, entries: [{ key: 'a', bytes: 10 }] }))),
		bob.joinAll(rooms.map((name) => ({ room: name, timing, entries: [{ key: 'b', bytes: 10 }] })))
	]);
	for (const name of rooms) {
		// One whose messages are stuck would be given up after a minute, which is a violation.
		await alice.hasKeys(name, ['b'], 90_000);
		await bob.hasKeys(name, ['a'], 90_000);
	}
	const reports = [...(await alice.reports(rooms)), ...(await bob.reports(rooms))];
	expect(reports.every((report) => report.links === 1 && report.opened === 1)).toBe(true);
	expect(reports.flatMap((report) => report.violations)).toEqual([]);
});

test('both sides have offered: one offer wins, and the document crosses', async ({
	alice,
	bob,
	room,
	server
}) => {
	server.fateOf = holdOffers;
	await alice.join({ room, timing: quiet, entries: [{ key: 'a', bytes: 10 }] });
	await expect.poll(() => inRoom(server, room)).not.toHaveLength(0);
	await bob.join({ room, timing: quiet, entries: [{ key: 'b', bytes: 10 }] });
	await expect.poll(() => offerers(server, room)).toHaveLength(1);
	// With its offer held back, the other side offers too as soon as it hears of the first.
	await alice.call('reannounce', room);
	await bob.call('reannounce', room);
	await expect.poll(() => offerers(server, room)).toHaveLength(2);
	server.fateOf = () => 'pass';
	server.release();
	await alice.hasKeys(room, ['b'], unwatchedMs);
	await bob.hasKeys(room, ['a'], unwatchedMs);
	expect([...(await alice.report(room)).violations, ...(await bob.report(room)).violations]).toEqual([]);
});

test('an offer arrives while the own offer is being made', async ({ alice, bob, room, server }) => {
	server.fateOf = holdOffers;
	await alice.join({ room, timing: quiet, entries: [{ key: 'a', bytes: 10 }] });
	await expect.poll(() => inRoom(server, room)).not.toHaveLength(0);
	await bob.join({ room, timing: quiet, entries: [{ key: 'b', bytes: 10 }] });
	await expect.poll(() => offerers(server, room)).toHaveLength(1);
	const [offerer] = offerers(server, room);
	server.fateOf = (frame) => {
		// The offerer's announcement, and right behind it its offer.
		if (frame.kind === 'announce' && frame.from === offerer) setImmediate(() => server.release());
		return 'pass';
	};
	await alice.call('reannounce', room);
	await bob.call('reannounce', room);
	await alice.hasKeys(room, ['b'], unwatchedMs);
	await bob.hasKeys(room, ['a'], unwatchedMs);
	expect([...(await alice.report(room)).violations, ...(await bob.report(room)).violations]).toEqual([]);
});

/** Candidates too: one that arrives makes y-webrtc wait for its offer, and make none of its own. */
function holdOffers({ kind }: PublishedFrame): Fate {
	return kind === 'offer' || kind === 'candidate' ? 'hold' : 'pass';
}

/** Pages of a test before this one may still announce themselves. */
function inRoom(server: SignallingServer, room: string): PublishedFrame[] {
	return server.published.filter((frame) => frame.topic === room);
}

function offerers(server: SignallingServer, room: string): string[] {
	const offers = inRoom(server, room).filter((frame) => frame.kind === 'offer');
	// Each is said again while it is not answered.
	return [...new Set(offers.map((frame) => frame.from))];
}
