/**
 * What two authenticated peers say on a link's `sync` channel to bring their segments together.
 *
 *   1 inventory   varint count, then count × (varint segment · varint entries · 8 bytes digest)
 *   2 pull        varint segment · varint lanes, then lanes × (varint lane · varint next · 8 bytes of the head's id)
 *   3 update      varint segment · Yjs update in the guard's grammar
 *   4 end         varint segment: a pull has been answered
 *   5 frontier    see frontier.ts
 */
import { ByteWriter, Malformed, decodeWith, type MalformedReason } from './bytes';
import type { Result } from './result';

const headIdLength = 8;
const digestLength = 8;
export const inventorySegmentsLimit = 4_096;
export const pullLanesLimit = 10_000;
/** Later segments do not exist for this version; a peer that speaks of them is wrong. */
export const segmentNumberLimit = 65_535;

export interface LaneHeadClaim {
	readonly lane: number;
	readonly next: number;
	/** First 8 bytes. */
	readonly id: Uint8Array;
}

export interface SegmentClaim {
	readonly segment: number;
	readonly entries: number;
	readonly digest: Uint8Array;
}

export type SyncFrame =
	| { readonly type: 'inventory'; readonly segments: readonly SegmentClaim[] }
	| { readonly type: 'pull'; readonly segment: number; readonly heads: readonly LaneHeadClaim[] }
	| { readonly type: 'update'; readonly segment: number; readonly update: Uint8Array }
	| { readonly type: 'end'; readonly segment: number }
	| { readonly type: 'frontier'; readonly frontier: Uint8Array };

export function encodeSyncFrame(frame: SyncFrame): Uint8Array<ArrayBuffer> {
	const writer = new ByteWriter();
	switch (frame.type) {
		case 'inventory':
			writer.u8(1).varuint(frame.segments.length);
			for (const { segment, entries, digest } of frame.segments)
				writer.varuint(segment).varuint(entries).raw(digest);
			break;
		case 'pull':
			writer.u8(2).varuint(frame.segment).varuint(frame.heads.length);
			for (const { lane, next, id } of frame.heads) {
				writer.varuint(lane).varuint(next).raw(id.subarray(0, headIdLength));
			}
			break;
		case 'update':
			writer.u8(3).varuint(frame.segment).raw(frame.update);
			break;
		case 'end':
			writer.u8(4).varuint(frame.segment);
			break;
		case 'frontier':
			writer.u8(5).raw(frame.frontier);
	}
	return writer.done();
}

function segmentNumber(value: number): number {
	if (value > segmentNumberLimit) throw new Malformed('range');
	return value;
}

export function decodeSyncFrame(bytes: Uint8Array): Result<SyncFrame, MalformedReason> {
	return decodeWith(bytes, (reader): SyncFrame => {
		switch (reader.u8()) {
			case 1: {
				const count = reader.varuint();
				if (count > inventorySegmentsLimit) throw new Malformed('length');
				const segments: SegmentClaim[] = [];
				for (let i = 0; i < count; i++) {
					segments.push({
						segment: segmentNumber(reader.varuint()),
						entries: reader.varuint(),
						digest: reader.take(digestLength)
					});
				}
				return { type: 'inventory', segments };
			}
			case 2: {
				const segment = segmentNumber(reader.varuint());
				const count = reader.varuint();
				if (count > pullLanesLimit) throw new Malformed('length');
				const heads: LaneHeadClaim[] = [];
				for (let i = 0; i < count; i++) {
					heads.push({ lane: reader.varuint(), next: reader.varuint(), id: reader.take(headIdLength) });
				}
				return { type: 'pull', segment, heads };
			}
			case 3:
				return { type: 'update', segment: segmentNumber(reader.varuint()), update: reader.take(reader.left) };
			case 4:
				return { type: 'end', segment: segmentNumber(reader.varuint()) };
			case 5:
				return { type: 'frontier', frontier: reader.take(reader.left) };
			default:
				throw new Malformed('type');
		}
	});
}
