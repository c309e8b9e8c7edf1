/**
 * Frames of `/doc/<name>`: y-websocket's, and two of ours.
 *
 *   0 · 0 · block state vector     sync step 1: "this is what I have"
 *   0 · 1 · block update           sync step 2: the answer to it
 *   0 · 2 · block update           an update
 *   1 …, 3 …                       y-protocols awareness: stock clients send it, nobody is told (protocol 3)
 *   100 · acknowledgement          from the relay only
 *   101 · frontier                 a device's signed word on what it holds; latest only
 *   102 · challenge, 104 · access  from the relay only
 *   103 · ticket                   the first frame of a client, and no later one
 *   105 · rotation                 the document's next key
 *   106 · erase                    tokens that let entries' bytes go
 *   107 · erased                   from the relay only
 */
import {
	acknowledgedLanesLimit,
	acknowledgementMessageType,
	encodeAcknowledgement,
	type AcknowledgedHead
} from '../src/lib/protocol/acknowledgement';
import {
	ByteWriter,
	decodeWith,
	type ByteReader,
	type MalformedReason,
	Malformed
} from '../src/lib/protocol/bytes';
import {
	decodeErase,
	encodeErased,
	eraseMessageType,
	erasedMessageType,
	type ErasedEntry,
	type ErasedPlace
} from '../src/lib/protocol/erase';
import { frontierMessageType } from '../src/lib/protocol/frontier';
import {
	decodeUpdate,
	encodeUpdate,
	type LaneRun,
	type UpdateRejection
} from '../src/lib/protocol/guard/update';
import { fail, ok, type Result } from '../src/lib/protocol/result';
import { decodeStateVector, encodeStateVector, type StateVector } from '../src/lib/protocol/state-vector';
import {
	accessMessageType,
	challengeMessageType,
	decodeRotation,
	decodeTicket,
	encodeAccess,
	encodeChallenge,
	rotationMessageType,
	ticketMessageType,
	type Challenge,
	type GrantedAccess,
	type SignedRotation,
	type Ticket
} from '../src/lib/protocol/ticket';

/** Of any frame but an update. */
export const smallFrameLimitBytes = 64 * 1024;

export type DocumentFrame =
	| { readonly kind: 'step1'; readonly nextByLane: StateVector }
	| { readonly kind: 'update'; readonly runs: readonly LaneRun[] }
	| { readonly kind: 'frontier'; readonly bytes: Uint8Array }
	| { readonly kind: 'ticket'; readonly ticket: Ticket }
	| { readonly kind: 'rotation'; readonly rotation: SignedRotation }
	| { readonly kind: 'erase'; readonly entries: readonly ErasedEntry[] }
	| { readonly kind: 'presence' };

export type FrameRejection = MalformedReason | UpdateRejection | 'frame-size';

type Parsed =
	| {
			readonly kind: 'step1' | 'update' | 'frontier' | 'ticket' | 'rotation' | 'erase';
			readonly bytes: Uint8Array;
	  }
	| { readonly kind: 'presence' };

function readFrame(reader: ByteReader): Parsed {
	const rest = (): Uint8Array => reader.take(reader.left);
	switch (reader.varuint()) {
		case 0: {
			const step = reader.varuint();
			if (step > 2) throw new Malformed('type');
			return { kind: step === 0 ? 'step1' : 'update', bytes: reader.block(reader.left) };
		}
		case 1:
		case 3:
			rest();
			return { kind: 'presence' };
		case frontierMessageType:
			return { kind: 'frontier', bytes: rest() };
		case ticketMessageType:
			return { kind: 'ticket', bytes: rest() };
		case rotationMessageType:
			return { kind: 'rotation', bytes: rest() };
		case eraseMessageType:
			return { kind: 'erase', bytes: rest() };
		default:
			throw new Malformed('type');
	}
}

/**
 * @param updateLimitBytes of a frame with an update; other frames are held to `smallFrameLimitBytes`
 * @returns the frame, with views into `bytes`, or why it is refused. Never throws on bad input.
 */
export function decodeDocumentFrame(
	bytes: Uint8Array,
	updateLimitBytes: number
): Result<DocumentFrame, FrameRejection> {
	const parsed = decodeWith(bytes, readFrame);
	if (!parsed.ok) return parsed;
	const frame = parsed.value;
	if (bytes.length > (frame.kind === 'update' ? updateLimitBytes : smallFrameLimitBytes))
		return fail('frame-size');
	switch (frame.kind) {
		case 'step1': {
			const nextByLane = decodeStateVector(frame.bytes);
			return nextByLane.ok ? ok({ kind: 'step1', nextByLane: nextByLane.value }) : nextByLane;
		}
		case 'update': {
			const runs = decodeUpdate(frame.bytes, updateLimitBytes);
			return runs.ok ? ok({ kind: 'update', runs: runs.value }) : runs;
		}
		case 'frontier':
			return ok({ kind: 'frontier', bytes: frame.bytes });
		case 'ticket': {
			const ticket = decodeTicket(frame.bytes);
			return ticket.ok ? ok({ kind: 'ticket', ticket: ticket.value }) : ticket;
		}
		case 'rotation': {
			const rotation = decodeRotation(frame.bytes);
			return rotation.ok ? ok({ kind: 'rotation', rotation: rotation.value }) : rotation;
		}
		case 'erase': {
			const entries = decodeErase(frame.bytes);
			return entries.ok ? ok({ kind: 'erase', entries: entries.value }) : entries;
		}
		case 'presence':
			return ok(frame);
	}
}

export function encodeStep1(nextByLane: StateVector): Uint8Array {
	return new ByteWriter(nextByLane.size * 12 + 16).u8(0).u8(0).block(encodeStateVector(nextByLane)).done();
}

/** What is asked for has been sent: a stock client is "synced" when it has this. */
export const emptyStep2: Uint8Array = new ByteWriter(8).u8(0).u8(1).block(encodeUpdate([])).done();

export function encodeUpdateFrame(runs: readonly LaneRun[]): Uint8Array {
	const update = encodeUpdate(runs);
	return new ByteWriter(update.length + 16).u8(0).u8(2).block(update).done();
}

/** One frame, or several beyond `acknowledgedLanesLimit` heads. Without heads too: it ends an answer. */
export function* encodeAcknowledgementFrames(heads: readonly AcknowledgedHead[]): Generator<Uint8Array> {
	let from = 0;
	do {
		const body = encodeAcknowledgement(heads.slice(from, from + acknowledgedLanesLimit));
		yield new ByteWriter(body.length + 1).u8(acknowledgementMessageType).raw(body).done();
		from += acknowledgedLanesLimit;
	} while (from < heads.length);
}

/** An acknowledgement of nothing: y-websocket drops a connection on which it hears nothing for 30 s. */
export const keepAliveFrame: Uint8Array = new ByteWriter(8)
	.u8(acknowledgementMessageType)
	.raw(encodeAcknowledgement([]))
	.done();

export function encodeFrontierFrame(frontier: Uint8Array): Uint8Array {
	return new ByteWriter(frontier.length + 1).u8(frontierMessageType).raw(frontier).done();
}

export function encodeErasedFrame(places: readonly ErasedPlace[]): Uint8Array {
	return new ByteWriter(places.length * 16 + 16).u8(erasedMessageType).raw(encodeErased(places)).done();
}

export function encodeChallengeFrame(challenge: Challenge): Uint8Array {
	return new ByteWriter(96).u8(challengeMessageType).raw(encodeChallenge(challenge)).done();
}

export function encodeAccessFrame(access: GrantedAccess): Uint8Array {
	return new ByteWriter(16).u8(accessMessageType).raw(encodeAccess(access)).done();
}
