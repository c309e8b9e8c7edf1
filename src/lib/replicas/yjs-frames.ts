/**
 * The frames that y-webrtc and y-websocket exchange, as far as we let them: sync step 1, step 2 and update. Presence
 * of y-protocols is never on the wire (protocol 3). What comes in is only looked at here; the guard decides.
 *
 *   frame   varint type (0 sync · 1 awareness · 3 query awareness · 100 acknowledgement · 101 frontier) · body
 *   sync    varint step (0 step 1 · 1 step 2 · 2 update) · block
 */
import { ByteReader, ByteWriter, Malformed, decodeWith, type MalformedReason } from '../protocol/bytes';
import { decodeOwnUpdate, decodeUpdate, encodeUpdate, splitRuns } from '../protocol/guard/update';
import { decodeStateVector, encodeStateVector, type StateVector } from '../protocol/state-vector';
import { ok, type Result } from '../protocol/result';

const syncType = 0;
const awarenessType = 1;
const queryAwarenessType = 3;
export const largestSyncFrameBytes = 8 * 1024 * 1024;

export type YjsFrame =
	| { readonly type: 'state-vector'; readonly bytes: Uint8Array }
	| { readonly type: 'answer'; readonly update: Uint8Array }
	| { readonly type: 'update'; readonly update: Uint8Array }
	| { readonly type: 'presence' }
	| { readonly type: 'other'; readonly number: number };

export function readYjsFrame(frame: Uint8Array): Result<YjsFrame, MalformedReason> {
	const first = frame[0];
	if (first === awarenessType || first === queryAwarenessType) return ok({ type: 'presence' });
	if (first !== syncType) {
		const number = decodeWith(frame, (reader) => {
			const value = reader.varuint();
			reader.take(reader.left);
			return value;
		});
		return number.ok ? ok({ type: 'other', number: number.value }) : number;
	}
	return decodeWith(frame, readSync);
}

function readSync(reader: ByteReader): YjsFrame {
	reader.varuint();
	switch (reader.varuint()) {
		case 0: {
			const bytes = reader.block(largestSyncFrameBytes);
			const vector = decodeStateVector(bytes);
			if (!vector.ok) throw new Malformed(vector.reason);
			return { type: 'state-vector', bytes };
		}
		case 1:
			return { type: 'answer', update: reader.block(largestSyncFrameBytes) };
		case 2:
			return { type: 'update', update: reader.block(largestSyncFrameBytes) };
		default:
			throw new Malformed('type');
	}
}

const syncFrame = (step: number, body: Uint8Array): Uint8Array<ArrayBuffer> =>
	new ByteWriter(body.length + 16).varuint(syncType).varuint(step).block(body).done();

export const stateVectorFrame = (vector: StateVector): Uint8Array<ArrayBuffer> =>
	syncFrame(0, encodeStateVector(vector));
export const answerFrame = (update: Uint8Array): Uint8Array<ArrayBuffer> => syncFrame(1, update);
export const updateFrame = (update: Uint8Array): Uint8Array<ArrayBuffer> => syncFrame(2, update);

/** Tells Yjs that something came without giving it any entry: the guard has put them in already. */
export const emptyAnswer = (): Uint8Array<ArrayBuffer> => answerFrame(encodeUpdate([]));
export const emptyUpdate = (): Uint8Array<ArrayBuffer> => updateFrame(encodeUpdate([]));

/**
 * An own frame on its way out: presence is left out, updates are cut so that none is larger than peers take, and what
 * Yjs lists as deleted in every one of them stays here.
 * @throws if Yjs has encoded something that our own guard would refuse; that is a bug, not an input
 */
export function outboundFrames(frame: Uint8Array, updateBytes: number): readonly Uint8Array[] {
	const read = readYjsFrame(frame);
	if (!read.ok) throw new Error(`an own frame is malformed: ${read.reason}`);
	if (read.value.type === 'presence') return [];
	if (read.value.type !== 'answer' && read.value.type !== 'update') return [frame];
	const { update } = read.value;
	if (frame.length <= updateBytes && decodeUpdate(update, largestSyncFrameBytes).ok) return [frame];
	const runs = decodeOwnUpdate(update, largestSyncFrameBytes);
	if (!runs.ok) throw new Error(`an own update is refused: ${runs.reason}`);
	const updates = [...splitRuns(runs.value, updateBytes)].map((batch) => updateFrame(encodeUpdate(batch)));
	return read.value.type === 'answer' ? [...updates, emptyAnswer()] : updates;
}
