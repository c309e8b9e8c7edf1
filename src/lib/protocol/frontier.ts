/**
 * Frontiers (protocol 7): a device's signed word on what it holds and has read. Latest only, by counter; never in a
 * document. The head is in the clear, so that a relay keeps the newest of each lane; the rest is sealed for members.
 *
 *   version 2 · varint lane (the device's control lane) · varint counter · epoch 16 · nonce 12 · block sealed · signature 64
 *   sealed   u8 shares · varint count, then count × (varint segment · varint lanes, then lanes × (varint lane ·
 *          varint next · 8 bytes of the id of the entry at next - 1, so that nobody takes another branch of a lane for
 *          their own · varint read))
 *   shares   1: may be shown as online, and when last seen
 *   read     ≤ next: entries of the lane below it were read by a person; 0 also if that is nobody's business
 *   signature  Ed25519(lane key, "f/1" ‖ context of the control segment ‖ all before it)
 *
 * Version 1 had neither shares nor read; what is kept of it can still be opened. The relay knows no difference.
 */
import {
	ByteWriter,
	Malformed,
	concatBytes,
	decodeWith,
	type ByteReader,
	type MalformedReason
} from './bytes';
import { sign, signatureLength, verifyWith, type Bytes, type CryptoPort } from './crypto';
import { epochIdLength, type EpochControlKeys } from './epoch';
import { fail, ok, type Result } from './result';

export const frontierMessageType = 101;
export const frontierLimitBytes = 64 * 1024;
const version = 2;
const oldestVersion = 1;
const sharesOnline = 1;

export const headIdLength = 8;

/** How far a lane is held. */
export interface HeldHead {
	/** At least 1. */
	readonly next: number;
	/** Of the entry at next - 1; its first bytes at least. */
	readonly id: Uint8Array;
	/** At most `next`; 0 if absent. Entries below it were read. */
	readonly read?: number;
}

/** by lane, by segment */
export type Heads = ReadonlyMap<number, ReadonlyMap<number, HeldHead>>;

export interface FrontierHead {
	readonly lane: number;
	/** Id of the epoch under which the rest is sealed. */
	readonly epoch: Uint8Array;
	/** Grows with every frontier of the lane; milliseconds when it was made, or more. */
	readonly counter: number;
}

/** What a frontier says. */
export interface FrontierWord {
	readonly heads: Heads;
	/** Its owner may be shown as online, and when last seen. */
	readonly online: boolean;
}

interface ParsedFrontier extends FrontierHead {
	readonly version: number;
	readonly nonce: Uint8Array;
	readonly sealed: Uint8Array;
	readonly signed: Uint8Array;
	readonly signature: Uint8Array;
}

export type FrontierRejection =
	MalformedReason | 'frontier-size' | 'frontier-signature' | 'frontier-sealed' | 'frontier-epoch';

function parse(bytes: Uint8Array): Result<ParsedFrontier, FrontierRejection> {
	if (bytes.length > frontierLimitBytes) return fail('frontier-size');
	return decodeWith(bytes, (reader) => {
		const said = reader.u8();
		if (said < oldestVersion || said > version) throw new Malformed('version');
		const lane = reader.varuint();
		const counter = reader.varuint();
		const epoch = reader.take(epochIdLength);
		const nonce = reader.take(12);
		const sealed = reader.block(frontierLimitBytes);
		const signed = bytes.subarray(0, reader.position);
		const signature = reader.take(signatureLength);
		return { version: said, lane, counter, epoch, nonce, sealed, signed, signature };
	});
}

/** What can be read without any key. Says nothing on whether it is genuine. */
export const readFrontierHead: (bytes: Uint8Array) => Result<FrontierHead, FrontierRejection> = parse;

const signingBytes = (context: Uint8Array, signed: Uint8Array): Bytes =>
	new ByteWriter().label('f/1').raw(context).raw(signed).done();

/**
 * @param context of the control segment
 * @param lanePublicKey of the lane that the frontier's head names, as held in the document
 */
export async function verifyFrontier(
	subtle: SubtleCrypto,
	bytes: Uint8Array,
	context: Uint8Array,
	lanePublicKey: Uint8Array
): Promise<boolean> {
	const parsed = parse(bytes);
	if (!parsed.ok) return false;
	return verifyWith(
		subtle,
		lanePublicKey,
		parsed.value.signature,
		signingBytes(context, parsed.value.signed)
	);
}

export function encodeFrontierWord({ heads, online }: FrontierWord): Bytes {
	const writer = new ByteWriter().u8(online ? sharesOnline : 0).varuint(heads.size);
	for (const [segment, headByLane] of heads) {
		writer.varuint(segment).varuint(headByLane.size);
		for (const [lane, { next, id, read }] of headByLane) {
			writer
				.varuint(lane)
				.varuint(next)
				.raw(id.subarray(0, headIdLength))
				.varuint(read ?? 0);
		}
	}
	return writer.done();
}

function readHead(reader: ByteReader, saidVersion: number): HeldHead {
	const next = reader.varuint();
	const id = reader.take(headIdLength);
	const read = saidVersion < 2 ? 0 : reader.varuint();
	if (read > next) throw new Malformed('range');
	return { next, id, read };
}

function readWord(reader: ByteReader, saidVersion: number): FrontierWord {
	const shares = saidVersion < 2 ? 0 : reader.u8();
	if (shares > sharesOnline) throw new Malformed('range');
	const heads = new Map<number, ReadonlyMap<number, HeldHead>>();
	const segments = reader.varuint();
	for (let i = 0; i < segments; i++) {
		const segment = reader.varuint();
		const headByLane = new Map<number, HeldHead>();
		const lanes = reader.varuint();
		for (let j = 0; j < lanes; j++) headByLane.set(reader.varuint(), readHead(reader, saidVersion));
		heads.set(segment, headByLane);
	}
	return { heads, online: shares === sharesOnline };
}

/** The sealed part of a frontier, opened. */
export function decodeFrontierWord(
	bytes: Uint8Array,
	saidVersion = version
): Result<FrontierWord, MalformedReason> {
	return decodeWith(bytes, (reader) => readWord(reader, saidVersion));
}

const sealingData = (context: Uint8Array, lane: number, counter: number): Bytes =>
	new ByteWriter().label('f/1').raw(context).u64(lane).u64(counter).done();

export async function createFrontier(
	crypto: CryptoPort,
	keys: EpochControlKeys,
	context: Uint8Array,
	lane: { readonly lane: number; readonly privateKey: CryptoKey },
	counter: number,
	heads: Heads,
	online = false
): Promise<Bytes> {
	const nonce = crypto.randomBytes(12);
	const sealed = await crypto.subtle.encrypt(
		{ name: 'AES-GCM', iv: nonce, additionalData: sealingData(context, lane.lane, counter) },
		keys.frontierKey,
		encodeFrontierWord({ heads, online })
	);
	const signed = new ByteWriter()
		.u8(version)
		.varuint(lane.lane)
		.varuint(counter)
		.raw(keys.id)
		.raw(nonce)
		.block(new Uint8Array(sealed))
		.done();
	return concatBytes(signed, await sign(crypto.subtle, lane.privateKey, signingBytes(context, signed)));
}

/** Opens a frontier whose signature has been verified. */
export async function openFrontier(
	subtle: SubtleCrypto,
	keys: EpochControlKeys,
	context: Uint8Array,
	bytes: Uint8Array
): Promise<Result<FrontierHead & FrontierWord, FrontierRejection>> {
	const parsed = parse(bytes);
	if (!parsed.ok) return parsed;
	const { lane, counter, nonce, sealed, epoch } = parsed.value;
	if (epoch.some((byte, i) => byte !== keys.id[i])) return fail('frontier-epoch');
	let opened: ArrayBuffer;
	try {
		opened = await subtle.decrypt(
			{ name: 'AES-GCM', iv: nonce as Bytes, additionalData: sealingData(context, lane, counter) },
			keys.frontierKey,
			sealed as Bytes
		);
	} catch {
		// WebCrypto says no more than that the tag does not fit.
		return fail('frontier-sealed');
	}
	const word = decodeFrontierWord(new Uint8Array(opened), parsed.value.version);
	return word.ok ? ok({ lane, counter, epoch, ...word.value }) : word;
}
