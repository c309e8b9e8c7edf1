/**
 * A lane written by hand: whatever somebody with sound keys can seal and sign, whether an honest device would say it or
 * not. Knows neither Yjs nor Node, so that a hostile page uses it too.
 */
import { certifyLane } from '../../src/lib/protocol/certificates';
import { concatBytes } from '../../src/lib/protocol/bytes';
import { sign, type CryptoPort, type SigningKeys } from '../../src/lib/protocol/crypto';
import {
	createEntry,
	entryIdOf,
	entrySigningBytes,
	signedDigestOf,
	type EntryClass
} from '../../src/lib/protocol/entry';
import { deriveEpochKeys, type EpochKeys } from '../../src/lib/protocol/epoch';
import { encodeUpdate, type LaneRun } from '../../src/lib/protocol/guard/update';
import { contextOf, laneOf } from '../../src/lib/protocol/ids';
import { classOf, encodeRecord, type Dep, type KnownRecord } from '../../src/lib/protocol/records';
import type { ConversationIdentity } from '../../src/lib/conversation/ports';

export interface HandLaneOptions {
	/** Another grant than the author's own. */
	readonly grant?: Uint8Array;
	/** Instead of the author's own certificate of the lane. */
	readonly certificate?: KnownRecord;
	/** HLC of the certificate; 1 if not said. */
	readonly hlc?: number;
}

export interface SayOptions {
	/** 1 + that of what was said last, if not said. */
	readonly hlc?: number;
	readonly deps?: readonly Dep[];
	/** Other than that of the record. */
	readonly class?: EntryClass;
	/** Who signs, instead of the lane's own key. */
	readonly signer?: SigningKeys;
	/** What it stands upon, instead of the entry before. */
	readonly prev?: Uint8Array;
	/** Sealed with the keys of another epoch. */
	readonly keys?: EpochKeys;
}

export class HandLane {
	readonly entries: Uint8Array[] = [];
	#hlc = 0;

	private constructor(
		readonly crypto: CryptoPort,
		readonly identity: ConversationIdentity,
		readonly segment: number,
		readonly signing: SigningKeys
	) {}

	/** A new lane with its certificate at clock 0. */
	static async begin(
		crypto: CryptoPort,
		identity: ConversationIdentity,
		segment: number,
		options: HandLaneOptions = {}
	): Promise<HandLane> {
		const lane = new HandLane(crypto, identity, segment, await crypto.generateSigningKeys());
		const { certificate, devicePrivateKey, grant } = identity;
		const record =
			options.certificate ??
			(await certifyLane(
				crypto,
				certificate,
				devicePrivateKey,
				lane.context,
				lane.signing.publicKey,
				options.grant ?? grant
			));
		await lane.say(record, { class: 'lane', hlc: options.hlc ?? 1 });
		return lane;
	}

	get context(): Uint8Array {
		return contextOf(this.identity.conversation, this.segment);
	}

	get lane(): number {
		return laneOf(this.signing.publicKey);
	}

	/** Id of the newest entry. */
	get head(): Uint8Array {
		const last = this.entries.at(-1);
		return last === undefined ? new Uint8Array(32) : entryIdOf(last);
	}

	/** Another branch from the same entries: what a device says that shows one thing to some and another to others. */
	fork(): HandLane {
		const twin = new HandLane(this.crypto, this.identity, this.segment, this.signing);
		twin.entries.push(...this.entries);
		twin.#hlc = this.#hlc;
		return twin;
	}

	/** Says a record, or bytes where a record would stand. @returns its place in the lane */
	async say(record: KnownRecord | Uint8Array, options: SayOptions = {}): Promise<number> {
		const clock = this.entries.length;
		this.entries.push(await this.entry(record, clock, options));
		return clock;
	}

	/** An entry for any place of this lane; it is not kept. */
	async entry(
		record: KnownRecord | Uint8Array,
		clock: number,
		options: SayOptions = {}
	): Promise<Uint8Array> {
		const { crypto, identity, signing } = this;
		const first = await deriveEpochKeys(crypto.subtle, identity.conversation, identity.epoch.secret);
		const hlc = options.hlc ?? this.#hlc + 1;
		this.#hlc = Math.max(this.#hlc, hlc);
		const isBytes = record instanceof Uint8Array;
		const { bytes } = await createEntry(crypto, options.keys ?? first, {
			place: { context: this.context, lane: this.lane, clock },
			class: options.class ?? (isBytes ? (this.segment === 0 ? 'control' : 'message') : classOf(record.type)),
			prev: options.prev ?? this.head,
			record: isBytes ? record : encodeRecord({ hlc, deps: options.deps ?? [], record }),
			lanePublicKey: signing.publicKey,
			lanePrivateKey: (options.signer ?? signing).privateKey
		});
		return bytes;
	}

	/** Signs an entry's bytes anew after they have been changed. @param body all but the signature */
	async sign(body: Uint8Array, clock: number): Promise<Uint8Array> {
		const unsigned = concatBytes(body, new Uint8Array(64));
		const bytes = entrySigningBytes(
			{ context: this.context, lane: this.lane, clock },
			signedDigestOf(unsigned)
		);
		return concatBytes(body, await sign(this.crypto.subtle, this.signing.privateKey, bytes));
	}

	run(start = 0, end = this.entries.length): LaneRun {
		return { lane: this.lane, start, entries: this.entries.slice(start, end) };
	}

	update(start = 0, end = this.entries.length): Uint8Array {
		return encodeUpdate([this.run(start, end)]);
	}
}
