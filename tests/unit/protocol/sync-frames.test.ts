/** What replicas tell each other, at the edges: sync frames, frontiers and presence. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ByteWriter, concatBytes } from '../../../src/lib/protocol/bytes';
import {
	createFrontier,
	decodeFrontierWord,
	encodeFrontierWord,
	frontierLimitBytes,
	openFrontier,
	readFrontierHead,
	verifyFrontier
} from '../../../src/lib/protocol/frontier';
import {
	createPresence,
	openPresence,
	presenceLimitBytes,
	readPresenceHead
} from '../../../src/lib/protocol/presence';
import {
	decodeSyncFrame,
	encodeSyncFrame,
	inventorySegmentsLimit,
	pullLanesLimit,
	segmentNumberLimit,
	type SyncFrame
} from '../../../src/lib/protocol/sync-frames';
import { LaneWriter, crypto, newSegment, type Segment } from '../relay/lane-writer';

const { subtle } = crypto;
const malformed = (reason: string): object => ({ ok: false, reason });
const id = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

let segment: Segment;
let writer: LaneWriter;
beforeAll(async () => {
	segment = await newSegment();
	writer = await LaneWriter.create(segment);
	await writer.write(3);
});

describe('sync frames', () => {
	it.each<SyncFrame>([
		{ type: 'inventory', segments: [] },
		{ type: 'inventory', segments: [{ segment: segmentNumberLimit, entries: 300, digest: id }] },
		{ type: 'pull', segment: 0, heads: [{ lane: 5, next: 9, id }] },
		{ type: 'update', segment: segmentNumberLimit, update: Uint8Array.of(0, 0) },
		{ type: 'end', segment: segmentNumberLimit },
		{ type: 'frontier', frontier: Uint8Array.of(9, 9) }
	])('come back: %j', (frame) => {
		expect(decodeSyncFrame(encodeSyncFrame(frame))).toEqual({ ok: true, value: frame });
	});

	it('say each what they are', () => {
		const digest = id;
		const rows: readonly [SyncFrame, readonly number[]][] = [
			[{ type: 'inventory', segments: [{ segment: 2, entries: 3, digest }] }, [1, 1, 2, 3, ...id]],
			[
				{ type: 'pull', segment: 2, heads: [{ lane: 5, next: 9, id: concatBytes(id, id) }] },
				[2, 2, 1, 5, 9, ...id]
			],
			[{ type: 'update', segment: 2, update: id }, [3, 2, ...id]],
			[{ type: 'end', segment: 2 }, [4, 2]],
			[{ type: 'frontier', frontier: id }, [5, ...id]]
		];
		for (const [frame, bytes] of rows) expect([...encodeSyncFrame(frame)]).toEqual(bytes);
	});

	it.each<[string, (w: ByteWriter) => ByteWriter, string]>([
		['a type that nobody knows', (w) => w.u8(6), 'type'],
		['too many segments', (w) => w.u8(1).varuint(inventorySegmentsLimit + 1), 'length'],
		[
			'too many lanes',
			(w) =>
				w
					.u8(2)
					.varuint(0)
					.varuint(pullLanesLimit + 1),
			'length'
		],
		['segments that are not there', (w) => w.u8(1).varuint(inventorySegmentsLimit), 'truncated'],
		['lanes that are not there', (w) => w.u8(2).varuint(0).varuint(pullLanesLimit), 'truncated'],
		['a segment too far', (w) => w.u8(1).varuint(1).varuint(65_536).varuint(1).raw(id), 'range'],
		['a pull of one', (w) => w.u8(2).varuint(65_536).varuint(0), 'range'],
		['an update of one', (w) => w.u8(3).varuint(65_536), 'range'],
		['an end of one', (w) => w.u8(4).varuint(65_536), 'range'],
		['something behind the end', (w) => w.u8(4).varuint(1).u8(0), 'trailing']
	])('are refused with %s', (_, write, reason) => {
		expect(decodeSyncFrame(write(new ByteWriter()).done())).toEqual(malformed(reason));
	});
});

describe('a frontier', () => {
	it('is told by its head, its signature and its seal', async () => {
		const { context, keys } = segment;
		const bytes = await writer.frontier(7);
		expect(readFrontierHead(bytes)).toMatchObject({
			ok: true,
			value: { lane: writer.lane, counter: 7, epoch: keys.id }
		});
		const { publicKey } = writer.signing;
		expect(await verifyFrontier(subtle, bytes, context, publicKey)).toBe(true);
		const other = await newSegment();
		expect(await verifyFrontier(subtle, bytes, other.context, publicKey)).toBe(false);
		expect(await verifyFrontier(subtle, bytes.subarray(1), context, publicKey)).toBe(false);
		for (const at of [1, bytes.length - 70, bytes.length - 1]) {
			const changed = bytes.slice();
			changed[at]! ^= 1;
			expect(await verifyFrontier(subtle, changed, context, publicKey)).toBe(false);
		}
		expect(await openFrontier(subtle, keys, context, bytes)).toMatchObject({
			ok: true,
			value: { lane: writer.lane, counter: 7, epoch: keys.id, online: false }
		});
		expect(await openFrontier(subtle, keys, other.context, bytes)).toEqual(malformed('frontier-sealed'));
		expect(await openFrontier(subtle, other.keys, context, bytes)).toEqual(malformed('frontier-epoch'));
		expect(await openFrontier(subtle, keys, context, bytes.subarray(1))).toMatchObject({ ok: false });
		const larger = bytes.slice();
		larger[1 + 8 + 1 - 1]! ^= 1;
		expect((await openFrontier(subtle, keys, context, larger)).ok).toBe(false);
	});

	it('has a size and a version', () => {
		expect(readFrontierHead(new Uint8Array(frontierLimitBytes + 1))).toEqual(malformed('frontier-size'));
		expect(readFrontierHead(new Uint8Array(frontierLimitBytes))).toEqual(malformed('version'));
		for (const version of [0, 3])
			expect(readFrontierHead(Uint8Array.of(version))).toEqual(malformed('version'));
		for (const version of [1, 2])
			expect(readFrontierHead(Uint8Array.of(version))).toEqual(malformed('truncated'));
	});

	it('says of lanes and segments what it is asked to, in its own spelling', async () => {
		const heads = new Map([
			[0, new Map([[5, { next: 9, id, read: 9 }]])],
			[3, new Map([[6, { next: 2, id }], [7, { next: 1, id: concatBytes(id, id), read: 0 }]])] // prettier-ignore
		]);
		const word = encodeFrontierWord({ heads, online: true });
		const expected = [1, 2, 0, 1, 5, 9, ...id, 9, 3, 2, 6, 2, ...id, 0, 7, 1, ...id, 0];
		expect([...word]).toEqual(expected);
		const read = new Map([
			[0, new Map([[5, { next: 9, id, read: 9 }]])],
			[3, new Map([[6, { next: 2, id, read: 0 }], [7, { next: 1, id, read: 0 }]])] // prettier-ignore
		]);
		expect(decodeFrontierWord(word)).toEqual({ ok: true, value: { heads: read, online: true } });
		expect(encodeFrontierWord({ heads: new Map(), online: false })).toEqual(Uint8Array.of(0, 0));
		const lane = { lane: writer.lane, privateKey: writer.signing.privateKey };
		const silent = await createFrontier(crypto, segment.keys, segment.context, lane, 1, heads);
		expect(await openFrontier(subtle, segment.keys, segment.context, silent)).toMatchObject({
			value: { online: false }
		});
	});
});

describe('presence', () => {
	const lane = (): { lane: number; privateKey: CryptoKey } => ({
		lane: writer.lane,
		privateKey: writer.signing.privateKey
	});
	/** Signed and sealed, with another byte in the seal. */
	async function saying(byte: number): Promise<Uint8Array> {
		const { subtle: real } = crypto;
		const encrypt: SubtleCrypto['encrypt'] = (algorithm, key) =>
			real.encrypt(algorithm, key, Uint8Array.of(byte));
		const forger = new Proxy(real, {
			get: (target, name): unknown => {
				if (name === 'encrypt') return encrypt;
				const value: unknown = Reflect.get(target, name, target);
				return typeof value === 'function' ? value.bind(target) : value;
			}
		});
		const port = { ...crypto, subtle: forger };
		return createPresence(port, segment.keys, segment.context, lane(), 4, { typing: false, online: false });
	}

	it('has four states and no other', async () => {
		const { publicKey } = writer.signing;
		const open = async (byte: number): Promise<unknown> =>
			openPresence(subtle, segment.keys, segment.context, publicKey, await saying(byte));
		for (const byte of [0, 1, 2, 3])
			expect(await open(byte)).toEqual({
				ok: true,
				value: { typing: byte === 1 || byte === 3, online: byte >= 2 }
			});
		expect(await open(4)).toEqual(malformed('presence-range'));
	});

	it('is sealed to its place under a key of the epoch', async () => {
		const { publicKey } = writer.signing;
		const frame = await saying(1);
		const keys = { ...segment.keys, frontierKey: (await newSegment()).keys.frontierKey };
		const opened = await openPresence(subtle, keys, segment.context, publicKey, frame);
		expect(opened).toEqual(malformed('presence-sealed'));
		expect(readPresenceHead(frame)).toMatchObject({
			value: { lane: writer.lane, counter: 4, epoch: segment.keys.id }
		});
		expect(readPresenceHead(concatBytes(frame, Uint8Array.of(0)))).toEqual(malformed('presence-trailing'));
		const full = new Uint8Array(presenceLimitBytes);
		expect(readPresenceHead(full)).toEqual(malformed('presence-version'));
	});
});
