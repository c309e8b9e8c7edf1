/** Forks (protocol 3.5): what shows that a lane's device wrote two entries at one clock, for everybody to check. */
import { compareBytes } from '../bytes';
import { verify } from '../crypto';
import { entrySigningBytes, parseEntry, signatureOf, signedDigestOf } from '../entry';
import { laneOf } from '../ids';
import { laneKey, type LaneKeyCache } from './lane-keys';
import type { LaneRun } from './update';

/** Two different entries at one place, both signed by the lane's key: its device wrote both. */
export interface ForkProof {
	readonly lane: number;
	readonly clock: number;
	readonly publicKey: Uint8Array;
	/**
	 * What was signed, and the signatures: lowest pair first, so that a fork has one proof whoever finds it. Two signatures
	 * of one digest are a fork as well: both entries are sound, and have different ids.
	 */
	readonly digests: readonly [Uint8Array, Uint8Array];
	readonly signatures: readonly [Uint8Array, Uint8Array];
}

/** What was signed of an entry. It proves a fork as the entry itself would, also when its bytes are gone. */
export interface SignedDigest {
	readonly digest: Uint8Array;
	readonly signature: Uint8Array;
}

export const signedDigest = (entry: Uint8Array): SignedDigest => ({
	digest: signedDigestOf(entry),
	signature: signatureOf(entry)
});

/**
 * @param ours of the entry that is held at `clock`, where the run says something else
 * @returns null if the run's entry is none, or not signed by the lane's key
 */
export async function proveFork(
	subtle: SubtleCrypto,
	context: Uint8Array,
	keys: LaneKeyCache,
	publicKey: Uint8Array,
	ours: SignedDigest,
	run: LaneRun,
	clock: number
): Promise<ForkProof | null> {
	const theirs = run.entries[clock - run.start];
	if (theirs === undefined || !parseEntry(theirs, clock).ok) return null;
	const proof = forkProofOf(run.lane, clock, publicKey, ours, signedDigest(theirs));
	return (await verifyFork(subtle, context, proof, keys)) ? proof : null;
}

function forkProofOf(
	lane: number,
	clock: number,
	publicKey: Uint8Array,
	a: SignedDigest,
	b: SignedDigest
): ForkProof {
	const isInOrder = comparePairs(a.digest, a.signature, b.digest, b.signature) < 0;
	const [first, second] = isInOrder ? [a, b] : [b, a];
	return {
		lane,
		clock,
		publicKey,
		digests: [first.digest, second.digest],
		signatures: [first.signature, second.signature]
	};
}

function comparePairs(
	digestA: Uint8Array,
	signatureA: Uint8Array,
	digestB: Uint8Array,
	signatureB: Uint8Array
): number {
	return compareBytes(digestA, digestB) || compareBytes(signatureA, signatureB);
}

/** Whether a proof proves: two different entries, both signed by the lane's key for the same place. */
export async function verifyFork(
	subtle: SubtleCrypto,
	context: Uint8Array,
	proof: ForkProof,
	keys: LaneKeyCache = new Map()
): Promise<boolean> {
	const [digestA, digestB] = proof.digests;
	const [signatureA, signatureB] = proof.signatures;
	if (comparePairs(digestA, signatureA, digestB, signatureB) >= 0 || laneOf(proof.publicKey) !== proof.lane)
		return false;
	const key = await laneKey(subtle, keys, proof.lane, proof.publicKey);
	if (key === null) return false;
	for (const i of [0, 1] as const) {
		const signing = entrySigningBytes({ context, lane: proof.lane, clock: proof.clock }, proof.digests[i]);
		if (!(await verify(subtle, key, proof.signatures[i], signing))) return false;
	}
	return true;
}
