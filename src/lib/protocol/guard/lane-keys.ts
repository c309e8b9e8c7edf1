/** Verifying keys of lanes, imported once: engines take a while for it. */
import { importVerifyingKey } from '../crypto';

/** A lane's verifying key; imported once. Null: no sound point. */
export type LaneKeyCache = Map<number, CryptoKey | null>;

/** @returns the lane's key, or null if its public key is no sound point */
export async function laneKey(
	subtle: SubtleCrypto,
	keys: LaneKeyCache,
	lane: number,
	publicKey: Uint8Array
): Promise<CryptoKey | null> {
	const cached = keys.get(lane);
	if (cached !== undefined) return cached;
	const key = await importVerifyingKey(subtle, publicKey);
	keys.set(lane, key);
	return key;
}
