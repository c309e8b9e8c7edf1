import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import {
	createRotation,
	createTicket,
	decodeAccess,
	decodeChallenge,
	decodeRotation,
	decodeTicket,
	deriveAccessKeys,
	encodeAccess,
	encodeChallenge,
	readerLanesLimit,
	verifyRotation,
	verifyTicket
} from '../../../src/lib/protocol/ticket';
import { must } from '../../must';

const crypto = webCryptoPort(webcrypto as Crypto);
const { subtle } = crypto;
const document = crypto.randomBytes(32);
const nonce = crypto.randomBytes(32);
const keys = await crypto.generateSigningKeys();

describe('access keys', () => {
	it('are the same for everybody with the secret, and others for each document and epoch', async () => {
		const secret = crypto.randomBytes(32);
		const hex = async (accessSecret: Uint8Array, context: Uint8Array): Promise<string> =>
			Buffer.from((await deriveAccessKeys(subtle, accessSecret, context)).publicKey).toString('hex');
		expect(await hex(secret, document)).toBe(await hex(secret.slice(), document.slice()));
		expect(await hex(secret, document)).not.toBe(await hex(secret, crypto.randomBytes(32)));
		expect(await hex(secret, document)).not.toBe(await hex(crypto.randomBytes(32), document));
	});
});

describe('challenge and access', () => {
	it('come back as they went', () => {
		for (const challenge of [
			{ nonce, generation: 0, current: null },
			{ nonce, generation: 300, current: keys.publicKey }
		])
			expect(must(decodeChallenge(encodeChallenge(challenge)))).toEqual(challenge);
		for (const access of [
			{ generation: 1, mode: 'write' },
			{ generation: 2 ** 40, mode: 'read' }
		] as const)
			expect(must(decodeAccess(encodeAccess(access)))).toEqual(access);
	});

	it('are refused with a key that is missing, or with one that nobody announced', () => {
		const first = encodeChallenge({ nonce, generation: 0, current: null });
		expect(decodeChallenge(new ByteWriter().raw(first).raw(keys.publicKey).done())).toMatchObject({
			reason: 'trailing'
		});
		const later = encodeChallenge({ nonce, generation: 1, current: keys.publicKey });
		expect(decodeChallenge(later.slice(0, -1))).toMatchObject({ reason: 'truncated' });
		expect(decodeAccess(Uint8Array.of(1, 2))).toMatchObject({ reason: 'range' });
	});
});

describe('a ticket', () => {
	const options = { kind: 'access', mode: 'write', host: 'relay.example:4400' } as const;

	it('says what was signed, and for what', async () => {
		const ticket = must(decodeTicket(await createTicket(subtle, keys, document, nonce, options)));
		expect(ticket).toMatchObject({ ...options, publicKey: keys.publicKey });
		expect(await verifyTicket(subtle, document, nonce, ticket)).toBe(true);
		expect(await verifyTicket(subtle, crypto.randomBytes(32), nonce, ticket)).toBe(false);
		expect(await verifyTicket(subtle, document, crypto.randomBytes(32), ticket)).toBe(false);
		for (const changed of [{ kind: 'lane' }, { mode: 'read' }, { host: 'other.example' }] as const)
			expect(await verifyTicket(subtle, document, nonce, { ...ticket, ...changed })).toBe(false);
	});

	it('of a key of small order is refused, whatever is signed', async () => {
		const ticket = must(decodeTicket(await createTicket(subtle, keys, document, nonce, options)));
		const publicKey = new Uint8Array(32);
		publicKey[0] = 1;
		expect(await verifyTicket(subtle, document, nonce, { ...ticket, publicKey })).toBe(false);
	});

	it('is refused if a byte is missing or too many, or a kind or mode unknown', async () => {
		const bytes = await createTicket(subtle, keys, document, nonce, options);
		expect(decodeTicket(bytes.slice(0, -1)).ok).toBe(false);
		expect(decodeTicket(new ByteWriter().raw(bytes).u8(0).done()).ok).toBe(false);
		for (const [at, value, reason] of [
			[0, 3, 'type'],
			[1, 2, 'range']
		] as const) {
			const wrong = bytes.slice();
			wrong[at] = value;
			expect(decodeTicket(wrong)).toMatchObject({ reason });
		}
	});
});

describe('a rotation', () => {
	const terms = { generation: 2, readUntilSeconds: 1_900_000_000 };

	it('says what was signed, its lanes once and in order', async () => {
		const next = crypto.randomBytes(32);
		const bytes = await createRotation(subtle, keys, document, { ...terms, next, readerLanes: [9, 3, 9] });
		const rotation = must(decodeRotation(bytes));
		expect(rotation).toMatchObject({ ...terms, next, readerLanes: [3, 9] });
		expect(await verifyRotation(subtle, document, keys.publicKey, rotation)).toBe(true);
		expect(await verifyRotation(subtle, crypto.randomBytes(32), keys.publicKey, rotation)).toBe(false);
		expect(await verifyRotation(subtle, document, next, rotation)).toBe(false);
		for (let at = 0; at < bytes.length - 64; at++) {
			const changed = bytes.slice();
			changed[at] = (changed[at] ?? 0) ^ 1;
			const decoded = decodeRotation(changed);
			if (decoded.ok)
				expect(await verifyRotation(subtle, document, keys.publicKey, decoded.value)).toBe(false);
		}
	});

	it('holds as many lanes as fit below the limit of a small frame, and no more', async () => {
		const next = crypto.randomBytes(32);
		const lanes = (count: number): number[] => Array.from({ length: count }, (_, i) => 2 ** 52 + i);
		const make = (readerLanes: number[]): Promise<Uint8Array> =>
			createRotation(subtle, keys, document, { ...terms, next, readerLanes });
		expect((await make(lanes(readerLanesLimit))).length).toBeLessThan(64 * 1024);
		await expect(make(lanes(readerLanesLimit + 1))).rejects.toThrow(RangeError);
		const writer = new ByteWriter().varuint(2).raw(next).varuint(0);
		expect(decodeRotation(writer.varuint(readerLanesLimit + 1).done())).toMatchObject({ reason: 'length' });
	});

	it('with lanes out of order is refused: one set, one text', () => {
		const writer = new ByteWriter().varuint(2).raw(crypto.randomBytes(32)).varuint(0).varuint(2);
		expect(decodeRotation(writer.varuint(5).varuint(5).raw(new Uint8Array(64)).done())).toMatchObject({
			reason: 'range'
		});
	});
});
