/** Forks (protocol 3.5): what shows that a lane's device wrote two entries at one clock, for everybody to check. */
import { compareBytes } from '../bytes';
import { verify } from '../crypto';
import { entryIdOf, entrySigningBytes, parseEntry, signatureOf } from '../entry';
import { laneOf } from '../ids';
import { laneKey, type LaneKeyCache } from './lane-keys';
import type { LaneRun } from './update';

/** Two different entries at one place, both signed by the lane's key: its device wrote both. */
export interface ForkProof {
	readonly lane: number;
	readonly clock: number;
	readonly publicKey: Uint8Array;
	/** Lowest id first, so that a fork has one proof whoever finds it. */
	readonly ids: readonly [Uint8Array, Uint8Array];
	readonly signatures: readonly [Uint8Array, Uint8Array];
}

/**
 * @param ours the entry that is held at `clock`, where the run says something else
 * @returns null if the run's entry is none, or not signed by the lane's key
 */
export async function proveFork(
	subtle: SubtleCrypto,
	context: Uint8Array,
	keys: LaneKeyCache,
	publicKey: Uint8Array,
	ours: Uint8Array,
	run: LaneRun,
	clock: number
): Promise<ForkProof | null> {
	const theirs = run.entries[clock - run.start];
	if (theirs === undefined || !parseEntry(theirs, clock).ok) return null;
	const proof = forkProofOf(run.lane, clock, publicKey, ours, theirs);
	return (await verifyFork(subtle, context, proof, keys)) ? proof : null;
}

function forkProofOf(
	lane: number,
	clock: number,
	publicKey: Uint8Array,
	a: Uint8Array,
	b: Uint8Array
): ForkProof {
	const idA = entryIdOf(a);
	const idB = entryIdOf(b);
	const signatureA = signatureOf(a);
	const signatureB = signatureOf(b);
	const inOrder = compareBytes(idA, idB) < 0;
	return {
		lane,
		clock,
		publicKey,
		ids: inOrder ? [idA, idB] : [idB, idA],
		signatures: inOrder ? [signatureA, signatureB] : [signatureB, signatureA]
	};
}

/** Whether a proof proves: two different ids, both signed by the lane's key for the same place. */
export async function verifyFork(
	subtle: SubtleCrypto,
	context: Uint8Array,
	proof: ForkProof,
	keys: LaneKeyCache = new Map()
): Promise<boolean> {
	const [idA, idB] = proof.ids;
	if (compareBytes(idA, idB) >= 0 || laneOf(proof.publicKey) !== proof.lane) return false;
	const key = await laneKey(subtle, keys, proof.lane, proof.publicKey);
	if (key === null) return false;
	for (const i of [0, 1] as const) {
		const signing = entrySigningBytes({ context, lane: proof.lane, clock: proof.clock }, proof.ids[i]);
		if (!(await verify(subtle, key, proof.signatures[i], signing))) return false;
	}
	return true;
}
