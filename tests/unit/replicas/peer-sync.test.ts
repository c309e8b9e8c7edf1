import { describe, expect, it } from 'vitest';
import { encodeSyncFrame, type SegmentClaim } from '../../../src/lib/protocol/sync-frames';
import { PeerSync } from '../../../src/lib/replicas/peer-sync';
import { group } from '../conversation/people';

const digest = new Uint8Array(8).fill(7);

/** What one member hears from another who only claims things: entries said to be missing after each frame. */
async function hears(
	...frames: readonly Parameters<typeof encodeSyncFrame>[0][]
): Promise<readonly number[]> {
	const { conversation } = (await group('ann')).founder;
	const sync = new PeerSync(conversation, {
		send: () => true,
		queuedBytes: () => 0,
		drained: () => Promise.resolve(),
		violation: (reason) => expect.unreachable(reason),
		heard: () => undefined,
		progress: () => undefined
	});
	const missing: number[] = [];
	for (const frame of frames) {
		await sync.receive(encodeSyncFrame(frame));
		missing.push(sync.missing);
	}
	return missing;
}

const claims = (...segments: readonly Omit<SegmentClaim, 'digest'>[]) =>
	({ type: 'inventory', segments: segments.map((claim) => ({ ...claim, digest })) }) as const;

describe('what a peer claims to have', () => {
	it('is missing here until a pull has brought nothing of it', async () => {
		const counts = await hears(claims({ segment: 1, entries: 500 }), { type: 'end', segment: 1 });
		expect(counts[0]).toBeGreaterThanOrEqual(490);
		expect(counts[1]).toBe(0);
	});

	it('is no history where a segment cannot be', async () => {
		expect(await hears(claims({ segment: 65_000, entries: 1_000_000 }))).toEqual([0]);
	});
});
