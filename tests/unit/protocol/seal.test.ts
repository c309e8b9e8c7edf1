import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/lib/protocol/bytes';
import { sha256, webCryptoPort, type SigningKeys } from '../../../src/lib/protocol/crypto';
import {
	commitmentOfControl,
	controlSecretOf,
	deriveControlKeys,
	deriveEpochKeys,
	epochCommitment
} from '../../../src/lib/protocol/epoch';
import { hpkeSealPort, isSoundAgreementKey, recipientOf, sealedFor } from '../../../src/lib/protocol/seal';
import { hpkeSuite } from '../../../src/lib/protocol/hpke';

const crypto = webCryptoPort(webcrypto as Crypto);
const port = hpkeSealPort();
const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'));
const ascii = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'latin1'));
const place = { conversation: crypto.randomBytes(32), epoch: crypto.randomBytes(16) };
const secret = crypto.randomBytes(32);

async function sealed(to: SigningKeys) {
	const seal = await port.seal(place, to.publicKey, secret);
	if (!seal.ok) throw new Error(seal.reason);
	return seal.value;
}

describe('a seal', () => {
	/** The working group's vectors for RFC 9180: mode 0, KEM 0x20, KDF 1, AEAD 2, first encryption. */
	it('is HPKE: the vector of RFC 9180 for this suite opens', async () => {
		const suite = hpkeSuite();
		const privateKey = await suite.kem.deserializePrivateKey(
			hex('497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d')
		);
		const publicKey = await suite.kem.deserializePublicKey(
			hex('430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c')
		);
		const opened = await suite.open(
			{
				recipientKey: { privateKey, publicKey },
				enc: hex('6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256'),
				info: hex('4f6465206f6e2061204772656369616e2055726e')
			},
			hex('e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a'),
			hex('436f756e742d30')
		);
		expect(Buffer.from(opened).toString()).toBe('Beauty is truth, truth beauty');
	});

	it('opens with a key that cannot be exported, to a secret of 32 bytes', async () => {
		const keys = await crypto.generateAgreementKeys();
		expect(keys.privateKey.extractable).toBe(false);
		const seal = await sealed(keys);
		expect([seal.encapsulated.length, seal.ciphertext.length]).toEqual([32, 48]);
		expect(await port.open(place, keys, seal)).toEqual({ ok: true, value: secret });
		expect((await sealed(keys)).encapsulated).not.toEqual(seal.encapsulated);
		await expect(port.seal(place, keys.publicKey, new Uint8Array(31))).rejects.toThrow(RangeError);
	});

	it('opens for no other key, conversation or epoch, and with no bit changed', async () => {
		const [keys, other] = [await crypto.generateAgreementKeys(), await crypto.generateAgreementKeys()];
		const seal = await sealed(keys);
		const closed = { ok: false, reason: 'seal-closed' };
		expect(await port.open(place, other, seal)).toEqual(closed);
		expect(await port.open({ ...place, conversation: secret }, keys, seal)).toEqual(closed);
		expect(await port.open({ ...place, epoch: crypto.randomBytes(16) }, keys, seal)).toEqual(closed);
		for (let bit = 0; bit < 48 * 8; bit += 7) {
			const ciphertext = seal.ciphertext.slice();
			ciphertext[bit >> 3] = (ciphertext[bit >> 3] as number) ^ (1 << (bit & 7));
			expect(await port.open(place, keys, { ...seal, ciphertext })).toEqual(closed);
		}
		for (let bit = 0; bit < 32 * 8; bit += 5) {
			const encapsulated = seal.encapsulated.slice();
			encapsulated[bit >> 3] = (encapsulated[bit >> 3] as number) ^ (1 << (bit & 7));
			expect((await port.open(place, keys, { ...seal, encapsulated })).ok).toBe(false);
		}
		expect(await port.open(place, keys, { ...seal, ciphertext: seal.ciphertext.subarray(1) })).toEqual(
			closed
		);
	});

	const unsound = [
		'00'.repeat(32),
		`01${'00'.repeat(31)}`,
		'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
		'5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
		`ec${'ff'.repeat(30)}7f`,
		`ed${'ff'.repeat(30)}7f`,
		`ee${'ff'.repeat(30)}7f`,
		`ff${'ff'.repeat(30)}7f`,
		`00${'00'.repeat(30)}80`,
		`09${'00'.repeat(30)}80`
	];
	it.each(unsound)('is neither made for nor taken from %s', async (key) => {
		const point = hex(key);
		expect(isSoundAgreementKey(point)).toBe(false);
		expect(await port.seal(place, point, secret)).toEqual({ ok: false, reason: 'seal-key' });
		const keys = await crypto.generateAgreementKeys();
		const seal = { ...(await sealed(keys)), encapsulated: point };
		expect(await port.open(place, keys, seal)).toEqual({ ok: false, reason: 'seal-key' });
	});

	it('names those points of small order for which the engine agrees on nothing, and no others of them', async () => {
		const { privateKey } = await crypto.generateAgreementKeys();
		for (const key of unsound.slice(0, 7)) {
			const point = await crypto.subtle.importKey('raw', hex(key), 'X25519', true, []);
			await expect(
				crypto.subtle.deriveBits({ name: 'X25519', public: point }, privateKey, 256)
			).rejects.toThrow();
		}
		for (let i = 0; i < 50; i++)
			expect(isSoundAgreementKey((await crypto.generateAgreementKeys()).publicKey)).toBe(true);
	});

	it.each([
		`eb${'ff'.repeat(30)}7f`,
		`ed${'ff'.repeat(15)}fe${'ff'.repeat(14)}7f`,
		`ff${'ff'.repeat(29)}fe7f`,
		`ff${'00'.repeat(30)}7f`,
		`ed${'ff'.repeat(30)}7e`,
		`02${'00'.repeat(31)}`
	])('may be made for %s, which is beside those', (key) => {
		expect(isSoundAgreementKey(hex(key))).toBe(true);
	});

	it('is made for keys of 32 bytes', () => {
		for (const length of [0, 31, 33]) expect(isSoundAgreementKey(new Uint8Array(length).fill(9))).toBe(false);
	});

	it('names its recipient by the key, in 8 bytes', async () => {
		const { publicKey } = await crypto.generateAgreementKeys();
		const hash = sha256(concatBytes(ascii('recipient/1'), publicKey));
		expect(recipientOf(publicKey)).toEqual(hash.slice(0, 8));
	});

	it('is bound to its place as the protocol says, and holds 32 bytes', async () => {
		const keys = await crypto.generateAgreementKeys();
		const suite = hpkeSuite();
		const recipientPublicKey = await suite.kem.deserializePublicKey(keys.publicKey);
		const aad = concatBytes(ascii('seal/1'), place.epoch, keys.publicKey);
		const byHand = async (bytes: Uint8Array<ArrayBuffer>): Promise<ReturnType<typeof port.open>> => {
			const info = concatBytes(ascii('seal/1'), place.conversation);
			const { ct, enc } = await suite.seal({ recipientPublicKey, info }, bytes, aad);
			const seal = { encapsulated: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
			return port.open(place, keys, seal);
		};
		expect(sealedFor(place, keys.publicKey)).toEqual(aad);
		expect(await byHand(secret)).toEqual({ ok: true, value: secret });
		for (const length of [31, 33])
			expect(await byHand(crypto.randomBytes(length))).toEqual({ ok: false, reason: 'seal-closed' });
		const seal = await sealed(keys);
		for (const length of [31, 33])
			expect(await port.open(place, keys, { ...seal, encapsulated: new Uint8Array(length) })).toEqual({
				ok: false,
				reason: 'seal-closed'
			});
	});
});

describe('the key schedule of an epoch', () => {
	it('commits to the secret by way of the control secret, and gives its holder all but the message key', async () => {
		const control = controlSecretOf(secret);
		expect(commitmentOfControl(control)).toEqual(epochCommitment(secret));
		expect(commitmentOfControl(secret)).not.toEqual(epochCommitment(secret));
		const full = await deriveEpochKeys(crypto.subtle, place.conversation, secret);
		const less = await deriveControlKeys(crypto.subtle, place.conversation, control);
		expect(full.id).toEqual(epochCommitment(secret).subarray(0, 16));
		expect([less.id, less.hintKey, less.accessSecret]).toEqual([full.id, full.hintKey, full.accessSecret]);
		expect('messageKey' in less).toBe(false);
		const iv = crypto.randomBytes(12);
		const box = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, full.controlKey, secret);
		const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, less.controlKey, box);
		expect(new Uint8Array(opened)).toEqual(secret);
		await expect(crypto.subtle.decrypt({ name: 'AES-GCM', iv }, full.messageKey, box)).rejects.toThrow();
	});
});
