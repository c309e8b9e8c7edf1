import type { Visitor } from './harness';
import { expect, test } from './link-test';

const documentChannel = 0;
const controlChannel = 1;
const syncChannel = 2;

test('a failed handshake closes the link, is counted, and lets no frame through', async ({
	alice,
	bob,
	room
}) => {
	await alice.join({ room, entries: [{ key: 'a', bytes: 10 }] });
	await bob.join({ room, lies: true, entries: [{ key: 'b', bytes: 10 }] });
	await alice.hasViolation(room, 'proof-wrong');
	const report = await alice.report(room);
	expect(report).toMatchObject({ opened: 0, guarded: 0, keys: 1 });
	expect(await bob.report(room)).toMatchObject({ opened: 0, guarded: 0, keys: 1 });
	expect(alice.errors).toEqual([]);
});

test('a liar cannot come back at once', async ({ alice, bob, room, server }) => {
	await alice.join({ room });
	await bob.join({ room, lies: true });
	await alice.page.waitForFunction((name) => window.harness.report(name).violations.length === 3, room);
	// Pauses of 1 s and 2 s lie between three refusals. An offer is said again until its connection is up, ever more
	// slowly: so one liar costs a handful of messages for each time that they come.
	expect(server.published.filter((frame) => frame.kind === 'offer').length).toBeLessThan(30);
});

test('who does not answer the handshake is shut out', async ({ alice, bob, room }) => {
	await alice.join({ room, timing: { handshakeMs: 1_500 } });
	await bob.join({ room, mute: true });
	await alice.hasViolation(room, 'handshake-timeout');
	expect(await alice.report(room)).toMatchObject({ opened: 0, guarded: 0, received: [] });
	await expect.poll(async () => (await alice.report(room)).links).toBe(0);
	expect(alice.errors).toEqual([]);
});

for (const [name, channel] of [
	['document', documentChannel],
	['sync', syncChannel]
] as const) {
	test(`a ${name} frame before the handshake is done ends the link`, async ({ alice, bob, room }) => {
		await alice.join({ room });
		await bob.join({ room, mute: true });
		await expect.poll(() => bob.call('sendRaw', channel, 20, 1)).toBe(1);
		await alice.hasViolation(room, 'early-frame');
		expect(await alice.report(room)).toMatchObject({ guarded: 0, received: [] });
	});
}

const misdeeds = [
	['an unknown frame header', documentChannel, 100, 7, 1, 'frame-malformed'],
	['a frame that is too long', syncChannel, 17_000, 1, 1, 'frame-malformed'],
	['a frame without payload', documentChannel, 1, 1, 1, 'frame-malformed'],
	['a short frame that is not the last', documentChannel, 100, 0, 1, 'frame-malformed'],
	['a message over 8 MiB', documentChannel, 16_384, 0, 520, 'message-too-long'],
	['a control message over 64 KiB', controlChannel, 16_384, 0, 5, 'message-too-long'],
	['a message that is never finished', syncChannel, 16_384, 0, 1, 'message-unfinished'],
	['an unknown control message', controlChannel, 2, 1, 1, 'handshake-order']
] as const;

for (const [name, channel, bytes, header, times, reason] of misdeeds) {
	test(`${name} is a violation that closes the link, and the page lives on`, async ({ alice, bob, room }) => {
		const timing = { unfinishedMs: 1_000 };
		await alice.join({ room, timing });
		await bob.join({ room, timing });
		await alice.hasLinks(room, 1);
		await bob.hasLinks(room, 1);
		await bob.call('sendRaw', channel, bytes, header, times);
		await alice.hasViolation(room, reason);
		await expectToRecover(alice, bob, room);
	});
}

test('a channel that the peer opens never reaches simple-peer', async ({ alice, bob, room }) => {
	await alice.join({ room });
	await bob.join({ room });
	await alice.hasLinks(room, 1);
	await bob.hasLinks(room, 1);
	await bob.call('openForeignChannel');
	await alice.hasViolation(room, 'foreign-channel');
	await expectToRecover(alice, bob, room);
});

/** After its pause the peer is let in again, and nothing was thrown. */
async function expectToRecover(alice: Visitor, bob: Visitor, room: string): Promise<void> {
	await alice.call('set', room, 'after', 10);
	await bob.hasKeys(room, ['after']);
	expect([...alice.errors, ...bob.errors]).toEqual([]);
}
