/** Sound entries for tests: a device that writes into one segment, with real keys, seals and signatures. */
import { webcrypto } from 'node:crypto';
import { webCryptoPort, type CryptoPort, type SigningKeys } from '../../../src/lib/protocol/crypto';
import { createEntry, entryIdOf, entrySigningBytes, signedDigestOf } from '../../../src/lib/protocol/entry';
import { deriveEpochKeys, type EpochKeys } from '../../../src/lib/protocol/epoch';
import { createFrontier } from '../../../src/lib/protocol/frontier';
import type { LaneRun } from '../../../src/lib/protocol/guard/update';
import { contextOf, documentNameOf, entryKey, laneOf } from '../../../src/lib/protocol/ids';
import { concatBytes } from '../../../src/lib/protocol/bytes';
import { sign } from '../../../src/lib/protocol/crypto';
import type * as Y from 'yjs';

export const crypto: CryptoPort = webCryptoPort(webcrypto as Crypto);

export interface Segment {
	readonly context: Uint8Array;
	/** The relay's name of the document. */
	readonly name: string;
	readonly keys: EpochKeys;
}

export async function newSegment(): Promise<Segment> {
	const conversation = crypto.randomBytes(32);
	const context = contextOf(conversation, 0);
	const keys = await deriveEpochKeys(crypto.subtle, conversation, crypto.randomBytes(32));
	return { context, name: documentNameOf(context), keys };
}

export class LaneWriter {
	readonly entries: Uint8Array[] = [];
	#counter = 0;

	private constructor(
		readonly segment: Segment,
		readonly signing: SigningKeys,
		readonly lane: number
	) {}

	static async create(segment: Segment): Promise<LaneWriter> {
		const signing = await crypto.generateSigningKeys();
		return new LaneWriter(segment, signing, laneOf(signing.publicKey));
	}

	/** The same keys with the entries so far: what a restored profile is. */
	fork(): LaneWriter {
		const copy = new LaneWriter(this.segment, this.signing, this.lane);
		copy.entries.push(...this.entries);
		return copy;
	}

	/** Appends `count` entries of about `bytes` each. @returns them as a run */
	async write(count: number, bytes = 200): Promise<LaneRun> {
		const start = this.entries.length;
		for (let i = 0; i < count; i++) {
			const clock = this.entries.length;
			const last = this.entries.at(-1);
			const { bytes: entry } = await createEntry(crypto, this.segment.keys, {
				place: { context: this.segment.context, lane: this.lane, clock },
				class: clock === 0 ? 'lane' : 'message',
				prev: last === undefined ? new Uint8Array(32) : entryIdOf(last),
				record: crypto.randomBytes(bytes),
				lanePublicKey: this.signing.publicKey,
				lanePrivateKey: this.signing.privateKey
			});
			this.entries.push(entry);
		}
		return this.run(start);
	}

	run(start = 0, end = this.entries.length): LaneRun {
		return { lane: this.lane, start, entries: this.entries.slice(start, end) };
	}

	/** Signs an entry's bytes anew after a test has changed them. */
	async sign(body: Uint8Array, clock: number): Promise<Uint8Array> {
		const place = { context: this.segment.context, lane: this.lane, clock };
		const unsigned = concatBytes(body, new Uint8Array(64));
		const signature = await sign(
			crypto.subtle,
			this.signing.privateKey,
			entrySigningBytes(place, signedDigestOf(unsigned))
		);
		return concatBytes(body, signature);
	}

	/** Puts all entries into a Y.Doc whose clientID is this lane, as the app does. */
	insertInto(doc: Y.Doc, from = 0): void {
		const map = doc.getMap('e');
		for (let clock = from; clock < this.entries.length; clock++) {
			map.set(entryKey(this.lane, clock), this.entries[clock]);
		}
	}

	frontier(counter = ++this.#counter): Promise<Uint8Array> {
		const lane = { lane: this.lane, privateKey: this.signing.privateKey };
		const newest = this.entries.at(-1) ?? new Uint8Array(64);
		const head = { next: this.entries.length, id: entryIdOf(newest) };
		const heads = new Map([[0, new Map([[this.lane, head]])]]);
		return createFrontier(crypto, this.segment.keys, this.segment.context, lane, counter, heads);
	}
}
