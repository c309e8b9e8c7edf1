import { webCryptoPort, type CryptoPort } from '../../../src/lib/protocol/crypto';
import { createEntry } from '../../../src/lib/protocol/entry';
import { deriveEpochKeys } from '../../../src/lib/protocol/epoch';
import { contextOf, laneOf } from '../../../src/lib/protocol/ids';
import { encodeRecord } from '../../../src/lib/protocol/records';
import type { LaneRun } from '../../../src/lib/protocol/guard/update';

export const port: CryptoPort = webCryptoPort(globalThis.crypto);

/** A structurally sound lane of `count` entries in segment 1 of some conversation. */
export async function soundLane(
	count: number,
	conversation = port.randomBytes(32)
): Promise<{ context: Uint8Array; run: LaneRun }> {
	const context = contextOf(conversation, 1);
	const keys = await deriveEpochKeys(port.subtle, conversation, port.randomBytes(32));
	const { publicKey, privateKey } = await port.generateSigningKeys();
	const lane = laneOf(publicKey);
	const entries: Uint8Array[] = [];
	let prev: Uint8Array = new Uint8Array(32);
	for (let clock = 0; clock < count; clock++) {
		const record = encodeRecord({
			hlc: clock + 1,
			deps: [],
			record: { type: 'message', text: `message ${clock}` }
		});
		const entry = await createEntry(port, keys, {
			place: { context, lane, clock },
			class: clock === 0 ? 'lane' : 'message',
			prev,
			record,
			lanePublicKey: publicKey,
			lanePrivateKey: privateKey
		});
		entries.push(entry.bytes);
		prev = entry.id;
	}
	return { context, run: { lane, start: 0, entries } };
}
