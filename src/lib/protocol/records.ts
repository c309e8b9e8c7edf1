/**
 * Records: what is said inside an entry. One table of codecs holds the types, their places and their limits.
 *
 *   record   type 1 · varint hlc · deps: count 1 (≤ 4), then count × (varint lane · varint clock · 8 bytes of its id)
 *            · fields of the type, nothing trailing
 *
 * Deps name the newest entries seen in the same segment. Unknown types are kept and skipped ("update the app").
 */
import { authorityCodecs, type AuthorityRecord } from './authority-records';
import { ByteReader, ByteWriter, Malformed, decodeWith, type MalformedReason } from './bytes';
import { contentCodecs, type ContentRecord } from './content-records';
import { hashLength, publicKeyLength, signatureLength } from './crypto';
import { deleteCodec, type DeleteRecord } from './delete-record';
import type { EntryClass } from './entry';
import {
	epochCodecs,
	type EpochRecord,
	type PastRecord,
	type SealRecord,
	type UnopenedRecord
} from './epoch-records';
import { greetingCodec, type GreetingRecord } from './greeting-record';
import { nonEmpty, readIdSet, writeIdSet, writeText, type Codec } from './record-codec';
import type { Result } from './result';
import { nameLimitBytes } from './text-limits';
import { timerCodec, type TimerRecord } from './timer-record';

export * from './authority-records';
export * from './content-records';
export type { Cap } from './caps';
export type { DeleteRecord, DeleteTarget } from './delete-record';
export type { GreetingRecord } from './greeting-record';
export type { TimerRecord } from './timer-record';
export type {
	EpochPart,
	EpochRecord,
	ParentLink,
	PastRecord,
	Seal,
	SealRecord,
	UnopenedRecord
} from './epoch-records';

const depsLimit = 4;
const directBounds = { least: 2, most: 2 };
export const depIdLength = 8;

export interface Dep {
	readonly lane: number;
	readonly clock: number;
	readonly id: Uint8Array;
}

/** Certifies a lane: account → device → lane → grant. At clock 0 of every lane (class lane). */
export interface LaneRecord {
	readonly type: 'lane';
	/** Grant under which the lane counts; the conversation id is the founder's grant. */
	readonly grant: Uint8Array;
	readonly account: Uint8Array;
	readonly device: Uint8Array;
	/** The device's X25519 key, to which epoch secrets are sealed. */
	readonly agreement: Uint8Array;
	/** Counts the account's devices, so that certificates of one device key differ from each other. */
	readonly deviceNumber: number;
	readonly deviceSignature: Uint8Array;
	readonly laneSignature: Uint8Array;
}

/** Founds a group. The conversation id is the hash of these fields. */
export interface GenesisRecord {
	readonly type: 'genesis';
	readonly account: Uint8Array;
	readonly controlLanePublicKey: Uint8Array;
	readonly commitment: Uint8Array;
	readonly salt: Uint8Array;
}

/** Says whose direct conversation it is; true by the conversation's id alone, whoever says it (direct.ts). */
export interface DirectRecord {
	readonly type: 'direct';
	/** Ids of the two accounts, ascending. */
	readonly accounts: readonly Uint8Array[];
}

export interface ProfileRecord {
	readonly type: 'profile';
	readonly name: string;
}

export interface LeaveRecord {
	readonly type: 'leave';
}

/** Proof that a lane's device wrote two entries at one clock (protocol 3.5). */
export interface ForkRecord {
	readonly type: 'fork';
	readonly segment: number;
	readonly clock: number;
	readonly publicKey: Uint8Array;
	readonly digests: readonly [Uint8Array, Uint8Array];
	readonly signatures: readonly [Uint8Array, Uint8Array];
}

export type KnownRecord =
	| LaneRecord
	| GenesisRecord
	| DirectRecord
	| AuthorityRecord
	| EpochRecord
	| SealRecord
	| UnopenedRecord
	| PastRecord
	| ProfileRecord
	| LeaveRecord
	| ForkRecord
	| DeleteRecord
	| GreetingRecord
	| TimerRecord
	| ContentRecord;

export interface UnknownRecord {
	readonly type: 'unknown';
	readonly number: number;
}

export type RecordType = KnownRecord['type'];

export interface Envelope<R = KnownRecord | UnknownRecord> {
	readonly hlc: number;
	readonly deps: readonly Dep[];
	readonly record: R;
}

type CodecTable = { readonly [T in RecordType]: Codec<Extract<KnownRecord, { type: T }>> };

const pair = (reader: ByteReader, length: number): readonly [Uint8Array, Uint8Array] => [
	reader.take(length),
	reader.take(length)
];

/** Numbers are part of the wire: never reuse one. */
export const codecs: CodecTable = {
	lane: {
		number: 1,
		class: 'lane',
		write: (w, r) =>
			void w
				.raw(r.grant)
				.raw(r.account)
				.raw(r.device)
				.raw(r.agreement)
				.varuint(r.deviceNumber)
				.raw(r.deviceSignature)
				.raw(r.laneSignature),
		read: (r) => ({
			type: 'lane',
			grant: r.take(hashLength),
			account: r.take(publicKeyLength),
			device: r.take(publicKeyLength),
			agreement: r.take(publicKeyLength),
			deviceNumber: r.varuint(),
			deviceSignature: r.take(signatureLength),
			laneSignature: r.take(signatureLength)
		})
	},
	genesis: {
		number: 2,
		class: 'control',
		write: (w, r) => void w.raw(r.account).raw(r.controlLanePublicKey).raw(r.commitment).raw(r.salt),
		read: (r) => ({
			type: 'genesis',
			account: r.take(publicKeyLength),
			controlLanePublicKey: r.take(publicKeyLength),
			commitment: r.take(hashLength),
			salt: r.take(16)
		})
	},
	direct: {
		number: 48,
		class: 'control',
		write: (w, r) => writeIdSet(w, r.accounts, hashLength, directBounds),
		read: (r) => ({ type: 'direct', accounts: readIdSet(r, hashLength, directBounds) })
	},
	...authorityCodecs,
	...epochCodecs,
	profile: {
		number: 6,
		class: 'control',
		write: (w, r) => writeText(w, r.name, nameLimitBytes),
		read: (r) => ({ type: 'profile', name: nonEmpty(r.text(nameLimitBytes)) })
	},
	leave: { number: 7, class: 'control', write: () => undefined, read: () => ({ type: 'leave' }) },
	fork: {
		number: 8,
		class: 'control',
		write: (w, r) =>
			void w
				.varuint(r.segment)
				.varuint(r.clock)
				.raw(r.publicKey)
				.raw(r.digests[0])
				.raw(r.digests[1])
				.raw(r.signatures[0])
				.raw(r.signatures[1]),
		read: (r) => ({
			type: 'fork',
			segment: r.varuint(),
			clock: r.varuint(),
			publicKey: r.take(publicKeyLength),
			digests: pair(r, hashLength),
			signatures: pair(r, signatureLength)
		})
	},
	delete: deleteCodec,
	greeting: greetingCodec,
	timer: timerCodec,
	...contentCodecs
};

const typeByNumber = new Map(
	Object.entries(codecs).map(([type, codec]) => [codec.number, type as RecordType])
);

function writeFields(writer: ByteWriter, record: KnownRecord): void {
	const codec = codecs[record.type] as Codec<KnownRecord>;
	codec.write(writer, record);
}

/** The fields of a record alone; the conversation id is made from those of the genesis. */
export function encodeFields(record: KnownRecord): Uint8Array<ArrayBuffer> {
	const writer = new ByteWriter();
	writeFields(writer, record);
	return writer.done();
}

export const classOf = (type: RecordType): EntryClass => codecs[type].class;

/** What people read as a message, also where it is said again. */
export const isMessage = ({ type }: KnownRecord): boolean => type === 'message' || type === 'again';

/** @throws RangeError if a text is empty or too long */
export function encodeRecord(envelope: Envelope<KnownRecord>): Uint8Array<ArrayBuffer> {
	const writer = new ByteWriter().u8(codecs[envelope.record.type].number).varuint(envelope.hlc);
	writer.u8(envelope.deps.length);
	for (const dep of envelope.deps) writer.varuint(dep.lane).varuint(dep.clock).raw(dep.id);
	writeFields(writer, envelope.record);
	return writer.done();
}

/**
 * Strict. A known type in the wrong class is malformed: a message key must not be able to speak for a control key.
 */
export function decodeRecord(bytes: Uint8Array, entryClass: EntryClass): Result<Envelope, MalformedReason> {
	return decodeWith(bytes, (reader): Envelope => {
		const number = reader.u8();
		const hlc = reader.varuint();
		const count = reader.u8();
		if (count > depsLimit) throw new Malformed('length');
		const deps: Dep[] = [];
		for (let i = 0; i < count; i++) {
			deps.push({ lane: reader.varuint(), clock: reader.varuint(), id: reader.take(depIdLength) });
		}
		const type = typeByNumber.get(number);
		if (type === undefined) {
			reader.take(reader.left);
			return { hlc, deps, record: { type: 'unknown', number } };
		}
		const codec = codecs[type] as Codec<KnownRecord>;
		if (codec.class !== entryClass) throw new Malformed('type');
		return { hlc, deps, record: codec.read(reader) };
	});
}
