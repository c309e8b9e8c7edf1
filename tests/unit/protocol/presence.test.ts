import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import { deriveEpochKeys } from '../../../src/lib/protocol/epoch';
import {
	createFrontier,
	decodeFrontierWord,
	encodeFrontierWord,
	openFrontier
} from '../../../src/lib/protocol/frontier';
import { contextOf, laneOf } from '../../../src/lib/protocol/ids';
import {
	createPresence,
	openPresence,
	presenceLimitBytes,
	readPresenceHead
} from '../../../src/lib/protocol/presence';

const crypto = webCryptoPort(webcrypto as unknown as Crypto);
const { subtle } = crypto;

async function scene() {
	const conversation = crypto.randomBytes(32);
	const keys = await deriveEpochKeys(subtle, conversation, crypto.randomBytes(32));
	const signing = await crypto.generateSigningKeys();
	const lane = { lane: laneOf(signing.publicKey), privateKey: signing.privateKey };
	return { keys, context: contextOf(conversation, 0), lane, publicKey: signing.publicKey };
}

describe('presence frames', () => {
	it('say who, when and what, to members alone', async () => {
		const { keys, context, lane, publicKey } = await scene();
		for (const typing of [true, false]) {
			for (const online of [true, false]) {
				const frame = await createPresence(crypto, keys, context, lane, 1_800_000_000_000, {
					typing,
					online
				});
				expect(frame.length).toBeLessThanOrEqual(presenceLimitBytes);
				expect(readPresenceHead(frame)).toEqual({
					ok: true,
					value: expect.objectContaining({ lane: lane.lane, counter: 1_800_000_000_000 }) as unknown
				});
				expect(await openPresence(subtle, keys, context, publicKey, frame)).toEqual({
					ok: true,
					value: { typing, online }
				});
			}
		}
	});

	it('are refused with any byte changed, of another conversation, epoch or lane', async () => {
		const { keys, context, lane, publicKey } = await scene();
		const frame = await createPresence(crypto, keys, context, lane, 9, { typing: true, online: true });
		for (let i = 0; i < frame.length; i++) {
			const changed = frame.slice();
			changed[i] = (changed[i] ?? 0) ^ 1;
			expect((await openPresence(subtle, keys, context, publicKey, changed)).ok).toBe(false);
		}
		for (let length = 0; length < frame.length; length++)
			expect((await openPresence(subtle, keys, context, publicKey, frame.subarray(0, length))).ok).toBe(
				false
			);
		const other = await scene();
		expect(await openPresence(subtle, keys, other.context, publicKey, frame)).toMatchObject({
			reason: 'presence-signature'
		});
		expect(await openPresence(subtle, keys, context, other.publicKey, frame)).toMatchObject({
			reason: 'presence-signature'
		});
		expect(await openPresence(subtle, other.keys, context, publicKey, frame)).toMatchObject({
			reason: 'presence-epoch'
		});
		const large = new Uint8Array(presenceLimitBytes + 1);
		expect(readPresenceHead(large)).toMatchObject({ reason: 'presence-size' });
		expect(readPresenceHead(Uint8Array.of(2))).toMatchObject({ reason: 'presence-version' });
	});
});

describe('frontiers', () => {
	const id = new Uint8Array(8).fill(7);

	it('say what was read and what may be shown, and not more than what is held', async () => {
		const { keys, context, lane } = await scene();
		const heads = new Map([[1, new Map([[5, { next: 9, id, read: 4 }]])]]);
		const frontier = await createFrontier(crypto, keys, context, lane, 3, heads, true);
		const opened = await openFrontier(subtle, keys, context, frontier);
		expect(opened).toMatchObject({ ok: true, value: { lane: lane.lane, counter: 3, online: true, heads } });
		const tooFar = new Map([[1, new Map([[5, { next: 9, id, read: 10 }]])]]);
		expect(decodeFrontierWord(encodeFrontierWord({ heads: tooFar, online: false }))).toMatchObject({
			reason: 'range'
		});
		const sharing = encodeFrontierWord({ heads, online: true });
		sharing[0] = 2;
		expect(decodeFrontierWord(sharing)).toMatchObject({ reason: 'range' });
	});

	it('of the first version are still read: nothing was said of reading then', () => {
		const first = new ByteWriter().varuint(1).varuint(1).varuint(1).varuint(5).varuint(9).raw(id).done();
		expect(decodeFrontierWord(first, 1)).toEqual({
			ok: true,
			value: { online: false, heads: new Map([[1, new Map([[5, { next: 9, id, read: 0 }]])]]) }
		});
	});
});
