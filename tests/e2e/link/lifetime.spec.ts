import { expect, test } from './link-test';

const quickLiveness = { pingEveryMs: 1_000, silentMs: 4_000, probeMs: 1_000 };

test('a swarm that is closed leaves no document behind', async ({ alice, bob, room }) => {
	const rounds = 20;
	await alice.call('forgetConnections');
	for (let round = 0; round < rounds; round++) {
		const name = `${room} ${round}`;
		await alice.join({ room: name, entries: [{ key: 'a', bytes: 1_000 }] });
		if (round % 5 === 0) {
			await bob.join({ room: name });
			await bob.hasKeys(name, ['a']);
		}
		await alice.call('leave', name);
	}
	// Chromium keeps a closed connection until its own threads have let go of it.
	await expect
		.poll(async () => {
			await alice.collectGarbage();
			return alice.call('documentsAlive');
		})
		.toBeLessThanOrEqual(1);
});

test('a frozen page is noticed, and met again when it thaws', async ({ alice, bob, room }) => {
	await alice.join({ room, timing: quickLiveness });
	await bob.join({ room, timing: { ...quickLiveness, announceEveryMs: 2_000 } });
	await alice.hasLinks(room, 1);
	const session = await bob.page.context().newCDPSession(bob.page);
	// Stopped in the debugger the page runs nothing, while its ICE agent goes on: just as in a freeze. Chromium's own
	// freeze spares pages with open data channels, here at least.
	await session.send('Debugger.enable');
	await session.send('Debugger.pause');
	await alice.hasViolation(room, 'silent', 15_000);
	await alice.hasLinks(room, 0);
	await session.send('Debugger.disable');
	await alice.hasLinks(room, 1);
});

test('a page that is killed is noticed', async ({ alice, bob, room }) => {
	await alice.join({ room, timing: quickLiveness });
	await bob.join({ room, timing: quickLiveness });
	await alice.hasLinks(room, 1);
	const session = await bob.page.context().newCDPSession(bob.page);
	// The answer never comes: the page is gone.
	session.send('Page.crash').catch(() => undefined);
	await alice.hasLinks(room, 0, 15_000);
	expect(alice.errors).toEqual([]);
});

test('a peer that announces itself without knowing of its link is asked if it is still there', async ({
	alice,
	bob,
	room,
	server
}) => {
	// Liveness alone would take half a minute.
	const timing = { probeMs: 1_000 };
	await alice.join({ room, timing });
	await expect.poll(() => server.published.length).toBeGreaterThan(0);
	const first = server.published[0]?.from;
	// What Bob says of himself before there is a link comes when there is one.
	server.fateOf = ({ kind, from }) => (kind === 'announce' && from !== first ? 'hold' : 'pass');
	await bob.join({ room, timing });
	await alice.hasLinks(room, 1);
	await bob.hasLinks(room, 1);
	expect(server.held).toBeGreaterThan(0);
	await bob.call('breakSilently');
	server.fateOf = () => 'pass';
	server.release();
	await alice.hasViolation(room, 'silent', 10_000);
	await bob.hasLinks(room, 1);
	await alice.hasLinks(room, 1);
});

test('a page that is hidden for good says goodbye', async ({ alice, bob, room }) => {
	await alice.join({ room });
	await bob.join({ room });
	await alice.hasLinks(room, 1);
	await bob.page.goto('about:blank');
	await alice.hasLinks(room, 0, 3_000);
});

test('after "online" signalling is dialled anew and links are checked', async ({
	alice,
	bob,
	room,
	server
}) => {
	await alice.join({ room });
	await bob.join({ room });
	await alice.hasLinks(room, 1);
	await bob.hasLinks(room, 1);
	const announcements = (): number => server.published.filter((frame) => frame.kind === 'announce').length;
	const before = announcements();
	await alice.call('dispatch', 'online');
	await expect.poll(announcements).toBeGreaterThan(before);
	await alice.call('set', room, 'after', 10);
	await bob.hasKeys(room, ['after']);
	expect((await alice.report(room)).opened).toBe(1);
});
