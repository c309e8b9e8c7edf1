import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import {
	authorizeInboxRequest,
	decodeInboxAuthorization,
	decodeInboxList,
	decodeInboxName,
	decodeInboxReceipt,
	encodeInboxList,
	encodeInboxReceipt,
	inboxBlobLimitBytes,
	inboxItemIdOf,
	inboxItemsLimit,
	inboxTopicOf,
	verifyInboxRequest,
	type InboxAction
} from '../../../src/lib/protocol/inbox';

const crypto = webCryptoPort(webcrypto as Crypto);
const { subtle } = crypto;
const owner = await crypto.generateSigningKeys();
const topic = inboxTopicOf(owner.publicKey);
const nonce = crypto.randomBytes(40);
const host = 'relay.example:4400';
const item = {
	id: crypto.randomBytes(16),
	bytes: 1,
	receivedSeconds: 1_800_000_000,
	expiresSeconds: 2 ** 40
};

describe('names', () => {
	it('are hashes: of the owner’s key, of topic and bytes', () => {
		expect(topic).not.toEqual(inboxTopicOf(crypto.randomBytes(32)));
		const blob = crypto.randomBytes(5);
		expect(inboxItemIdOf(topic, blob)).toEqual(inboxItemIdOf(topic.slice(), blob.slice()));
		expect(inboxItemIdOf(topic, blob)).not.toEqual(inboxItemIdOf(inboxTopicOf(blob), blob));
		expect(inboxItemIdOf(topic, blob)).toHaveLength(16);
	});

	it('have one spelling', () => {
		expect(decodeInboxName('AAAA', 3)).toEqual({ ok: true, value: new Uint8Array(3) });
		expect(decodeInboxName('AAAA', 4)).toMatchObject({ reason: 'length' });
		expect(decodeInboxName('AAAB', 2)).toMatchObject({ reason: 'length' });
		expect(decodeInboxName('AAB', 2)).toMatchObject({ reason: 'base64url' });
		expect(decodeInboxName('AA=', 1)).toMatchObject({ reason: 'base64url' });
	});
});

describe('an owner’s request', () => {
	it('says who asks for what, and nothing of it can be changed', async () => {
		const request = { action: 'fetch', topic, item: item.id } as const;
		const header = await authorizeInboxRequest(subtle, owner, request, nonce, host);
		const decoded = decodeInboxAuthorization(header);
		if (!decoded.ok) throw new Error(decoded.reason);
		expect(decoded.value).toMatchObject({ publicKey: owner.publicKey, nonce, host });
		expect(await verifyInboxRequest(subtle, request, decoded.value)).toBe(true);
		for (const action of ['list', 'delete'] satisfies InboxAction[])
			expect(await verifyInboxRequest(subtle, { ...request, action }, decoded.value)).toBe(false);
		for (const changed of [
			{ topic: crypto.randomBytes(32) },
			{ item: crypto.randomBytes(16) },
			{ item: null }
		])
			expect(await verifyInboxRequest(subtle, { ...request, ...changed }, decoded.value)).toBe(false);
		for (const changed of [
			{ nonce: crypto.randomBytes(40) },
			{ host: 'other.example' },
			{ publicKey: crypto.randomBytes(32) },
			{ signature: crypto.randomBytes(64) }
		])
			expect(await verifyInboxRequest(subtle, request, { ...decoded.value, ...changed })).toBe(false);
	});

	it('is refused in another scheme, cut short, or with something behind it', async () => {
		const request = { action: 'list', topic, item: null } as const;
		const header = await authorizeInboxRequest(subtle, owner, request, nonce, host);
		expect(decodeInboxAuthorization(header.replace('Skein', 'Basic'))).toMatchObject({ reason: 'scheme' });
		expect(decodeInboxAuthorization(header.slice(0, -4)).ok).toBe(false);
		expect(decodeInboxAuthorization(`${header}AAAA`)).toMatchObject({ reason: 'trailing' });
		expect(decodeInboxAuthorization(`${header}=`)).toMatchObject({ reason: 'base64url' });
	});
});

describe('answers', () => {
	it('come back as they went', () => {
		const items = Array.from({ length: inboxItemsLimit }, (_, i) => ({ ...item, bytes: i + 1 }));
		expect(decodeInboxList(encodeInboxList(items))).toEqual({ ok: true, value: items });
		expect(decodeInboxList(encodeInboxList([]))).toEqual({ ok: true, value: [] });
		const { id, expiresSeconds } = item;
		const receipt = { ok: true, value: { id, expiresSeconds } };
		expect(decodeInboxReceipt(encodeInboxReceipt({ id, expiresSeconds }))).toEqual(receipt);
	});

	it('are refused beyond what an inbox can hold, cut short, or with something behind them', () => {
		const many = Array.from({ length: inboxItemsLimit + 1 }, () => item);
		expect(decodeInboxList(encodeInboxList(many))).toMatchObject({ reason: 'length' });
		for (const bytes of [0, inboxBlobLimitBytes + 1])
			expect(decodeInboxList(encodeInboxList([{ ...item, bytes }]))).toMatchObject({ reason: 'range' });
		const list = encodeInboxList([item]);
		expect(decodeInboxList(list.slice(0, -1))).toMatchObject({ reason: 'truncated' });
		expect(decodeInboxList(new ByteWriter().raw(list).u8(0).done())).toMatchObject({ reason: 'trailing' });
		expect(decodeInboxReceipt(encodeInboxReceipt(item).slice(0, 16))).toMatchObject({ reason: 'truncated' });
	});
});
