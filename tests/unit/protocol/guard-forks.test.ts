/** Proofs of forks, and what proves nothing (protocol 3.5). */
import { beforeAll, describe, expect, it } from 'vitest';
import { compareBytes, concatBytes } from '../../../src/lib/protocol/bytes';
import { sign } from '../../../src/lib/protocol/crypto';
import { entryIdOf, entrySigningBytes } from '../../../src/lib/protocol/entry';
import {
	proveFork,
	signedDigest,
	verifyFork,
	type ForkProof
} from '../../../src/lib/protocol/guard/fork-proof';
import type { LaneRun } from '../../../src/lib/protocol/guard/update';
import { laneOf } from '../../../src/lib/protocol/ids';
import { crypto } from '../relay/lane-writer';
import {
	context,
	entries,
	entryAt,
	otherWriter,
	publicKey,
	run,
	spoilt,
	unsoundKey,
	writer
} from './signed-lane';

const { subtle } = crypto;

describe('a proof of a fork', () => {
	let proof: ForkProof;
	let other: Uint8Array;

	const prove = (ours: Uint8Array, theirs: LaneRun, clock = 3): Promise<ForkProof | null> =>
		proveFork(subtle, context, new Map(), publicKey, signedDigest(ours), theirs, clock);

	beforeAll(async () => {
		other = await entryAt(3, entryIdOf(entries[2] as Uint8Array), 'message');
		proof = (await prove(entries[3] as Uint8Array, run([entries[2]!, other], 2))) as ForkProof;
	});

	it('is the same whoever finds it', async () => {
		expect(await prove(other, run(entries))).toEqual(proof);
		expect(proof).toMatchObject({ lane: writer.lane, clock: 3, publicKey });
		for (let i = 0; i < 8; i++) {
			const another = await entryAt(3, entryIdOf(entries[2] as Uint8Array), 'message');
			const [first, second] = (await prove(other, run([another], 3)))?.digests ?? [];
			expect(compareBytes(first as Uint8Array, second as Uint8Array)).toBeLessThan(0);
		}
		expect(await verifyFork(subtle, context, proof)).toBe(true);
	});

	it('takes another entry, that is one, and signed by the lane', async () => {
		expect(await prove(entries[3] as Uint8Array, run(entries))).toBe(null);
		expect(await prove(entries[3] as Uint8Array, run([spoilt(other)], 3))).toBe(null);
		expect(await prove(entries[3] as Uint8Array, run([other], 4))).toBe(null);
		expect(await prove(entries[3] as Uint8Array, run([other], 2))).toBe(null);
		const noEntry = await writer.sign(Uint8Array.of(1, 2, 3), 3);
		expect(await prove(entries[3] as Uint8Array, run([noEntry], 3))).toBe(null);
	});

	it('is none if both are the same, whatever stands beside it as a signature', async () => {
		const [digest] = proof.digests;
		const [a, b] = proof.signatures;
		const same = { ...proof, digests: [digest, digest] as const };
		for (const signatures of [
			[a, a],
			[a, b],
			[b, a]
		] as const)
			// prettier-ignore
			expect(await verifyFork(subtle, context, { ...same, signatures })).toBe(false);
	});

	it('is nobody else’s to make, who signs for a lane that is not theirs', async () => {
		const other = await otherWriter();
		const [digestA, digestB] = proof.digests;
		const signed = async (digest: Uint8Array): Promise<Uint8Array> => {
			const bytes = entrySigningBytes({ context, lane: proof.lane, clock: 3 }, digest);
			return sign(subtle, other.signing.privateKey, bytes);
		};
		const signatures = [await signed(digestA), await signed(digestB)] as const;
		const forged = { ...proof, publicKey: other.signing.publicKey, signatures };
		expect(await verifyFork(subtle, context, forged)).toBe(false);
	});

	it('proves nothing out of order, of another lane, key or place, or with a signature spoilt', async () => {
		const [digestA, digestB] = proof.digests;
		const [a, b] = proof.signatures;
		const unsoundLane = { ...proof, publicKey: unsoundKey, lane: laneOf(unsoundKey) };
		const changed: readonly ForkProof[] = [
			{ ...proof, digests: [digestB, digestA], signatures: [b, a] },
			{ ...proof, digests: [digestA, digestA], signatures: [a, a] },
			{ ...proof, lane: proof.lane + 1 },
			{ ...proof, clock: 4 },
			unsoundLane,
			{ ...proof, signatures: [spoilt(a), b] },
			{ ...proof, signatures: [a, spoilt(b)] },
			{ ...proof, signatures: [concatBytes(a, a), b] }
		];
		for (const each of changed) expect(await verifyFork(subtle, context, each)).toBe(false);
	});
});
