import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import {
	decodeContactLink,
	encodeContactLink,
	linkSecretLength,
	type ContactLink
} from '../../../src/lib/protocol/contact-link';
import { webCryptoPort, type SigningKeys } from '../../../src/lib/protocol/crypto';
import { inboxBlobLimitBytes } from '../../../src/lib/protocol/inbox';
import {
	firstTextLimitBytes,
	openIntroduction,
	sealIntroduction,
	type Introducer,
	type IntroductionRecipient
} from '../../../src/lib/protocol/introduction';
import { directConversationOf, directGrantOf, directSecretOf } from '../../../src/lib/protocol/direct';
import { newAccount } from '../../new-account';

const crypto = webCryptoPort(webcrypto as Crypto);
const { subtle } = crypto;

interface Human {
	readonly account: SigningKeys;
	readonly agreement: SigningKeys;
	readonly introducer: Introducer;
	readonly link: ContactLink;
	readonly recipient: IntroductionRecipient;
}

async function human(name: string): Promise<Human> {
	const { account, agreement, certificate, devicePrivateKey } = await newAccount(crypto);
	const [topic, secret] = [crypto.randomBytes(32), crypto.randomBytes(linkSecretLength)];
	return {
		account,
		agreement,
		introducer: { certificate, devicePrivateKey, name },
		link: { certificate, topic, secret, name },
		recipient: { account: account.publicKey, agreement, topic, linkSecret: secret }
	};
}

const atMs = 1_800_000_000_000;
const [ann, bob, eve] = await Promise.all([human('Ann'), human('Bob'), human('Eve')]);

async function sealed(from: Introducer, to: ContactLink, text = 'Hello'): Promise<Uint8Array> {
	const item = await sealIntroduction(subtle, from, to, text, atMs);
	if (!item.ok) throw new Error(item.reason);
	return item.value;
}

describe('a contact link', () => {
	const text = encodeContactLink(ann.link);

	it('is read from an address, a fragment, or by itself', () => {
		for (const form of [text, `#${text}`, `https://skein.example/add#${text}`])
			expect(decodeContactLink(form)).toEqual({ ok: true, value: ann.link });
	});

	it('with one letter changed is another version or broken', () => {
		for (let i = 0; i < text.length; i++) {
			const letter = text[i] === 'A' ? 'B' : 'A';
			expect(decodeContactLink(text.slice(0, i) + letter + text.slice(i + 1)).ok, `letter ${i}`).toBe(false);
		}
		expect(decodeContactLink('2' + text.slice(1)).ok).toBe(false);
		expect(decodeContactLink('2' + text.slice(1))).toEqual({
			ok: false,
			reason: 'contact-link-other-version'
		});
	});

	it('takes whatever text there is', () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					fc.string().map((noise) => `#1.${noise}`)
				),
				(noise) => {
					expect(decodeContactLink(noise).ok).toBe(false);
				}
			)
		);
	});

	it('keeps every name', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (name) => {
				const link = decodeContactLink(encodeContactLink({ ...ann.link, name }));
				expect(link).toEqual({ ok: true, value: { ...ann.link, name } });
			})
		);
	});
});

describe('an introduction', () => {
	it('gives the recipient what was said, and by whom', async () => {
		const opened = await openIntroduction(subtle, bob.recipient, await sealed(ann.introducer, bob.link));
		expect(opened).toEqual({
			ok: true,
			value: { certificate: ann.introducer.certificate, name: 'Ann', atMs, text: 'Hello' }
		});
	});

	it('opens for nobody else, and in no other inbox', async () => {
		const item = await sealed(ann.introducer, bob.link);
		expect(await openIntroduction(subtle, eve.recipient, item)).toEqual({
			ok: false,
			reason: 'introduction-sealed'
		});
		const elsewhere = { ...bob.recipient, topic: eve.recipient.topic };
		expect(await openIntroduction(subtle, elsewhere, item)).toEqual({
			ok: false,
			reason: 'introduction-sealed'
		});
	});

	it('is refused from whoever knows the topic but not the secret of the link', async () => {
		const guessed = { ...bob.link, secret: crypto.randomBytes(linkSecretLength) };
		expect(await openIntroduction(subtle, bob.recipient, await sealed(eve.introducer, guessed))).toEqual({
			ok: false,
			reason: 'introduction-proof'
		});
	});

	it('is refused in the name of somebody else', async () => {
		const inAnnsName = { ...eve.introducer, certificate: ann.introducer.certificate };
		expect(await openIntroduction(subtle, bob.recipient, await sealed(inAnnsName, bob.link))).toEqual({
			ok: false,
			reason: 'introduction-signature'
		});
		const { agreement } = eve.introducer.certificate;
		const forged = {
			...eve.introducer,
			certificate: { ...ann.introducer.certificate, agreement, device: eve.introducer.certificate.device }
		};
		expect(await openIntroduction(subtle, bob.recipient, await sealed(forged, bob.link))).toEqual({
			ok: false,
			reason: 'introduction-certificate'
		});
	});

	it('cannot be passed on by its recipient as said to somebody else', async () => {
		// Eve opens what Ann said to her, and seals the very body to Bob.
		const mixed = {
			...eve.link,
			certificate: { ...eve.link.certificate, agreement: bob.agreement.publicKey }
		};
		const item = await sealed(ann.introducer, mixed);
		const asBob = { ...eve.recipient, agreement: bob.agreement, account: bob.account.publicKey };
		expect(await openIntroduction(subtle, asBob, item)).toEqual({
			ok: false,
			reason: 'introduction-signature'
		});
	});

	it('fits into an inbox with the longest text and name, and no longer text is taken', async () => {
		const longest = { ...ann.introducer, name: 'ä'.repeat(128) };
		const item = await sealed(longest, bob.link, 'x'.repeat(firstTextLimitBytes));
		expect(item.length).toBeLessThanOrEqual(inboxBlobLimitBytes);
		await expect(sealed(longest, bob.link, 'x'.repeat(firstTextLimitBytes + 1))).rejects.toThrow(RangeError);
		await expect(sealed(longest, bob.link, '')).rejects.toThrow(RangeError);
	});

	it('is not sealed to a key of small order', async () => {
		const certificate = { ...bob.link.certificate, agreement: new Uint8Array(32) };
		expect(await sealIntroduction(subtle, ann.introducer, { ...bob.link, certificate }, 'x', atMs)).toEqual({
			ok: false,
			reason: 'introduction-key'
		});
	});
});

describe('a direct conversation', () => {
	const id = (bytes: Uint8Array): string => toBase64url(bytes);

	it('is one and the same from both sides, and another for every pair', () => {
		const [a, b, c] = [ann, bob, eve].map((each) => each.account.publicKey) as [
			Uint8Array,
			Uint8Array,
			Uint8Array
		];
		expect(id(directConversationOf(a, b))).toBe(id(directConversationOf(b, a)));
		expect(
			new Set([directConversationOf(a, b), directConversationOf(a, c), directConversationOf(b, c)].map(id))
				.size
		).toBe(3);
		expect(() => directConversationOf(a, a)).toThrow(RangeError);
		expect(id(directGrantOf(directConversationOf(a, b), a))).not.toBe(
			id(directGrantOf(directConversationOf(a, b), b))
		);
	});

	it('has one secret on both sides, bound to the conversation, that a third does not get', async () => {
		const conversation = directConversationOf(ann.account.publicKey, bob.account.publicKey);
		const secret = async (
			own: SigningKeys,
			other: SigningKeys,
			of: Uint8Array = conversation
		): Promise<string> => {
			const made = await directSecretOf(subtle, own, other.publicKey, of);
			if (!made.ok) throw new Error(made.reason);
			return id(made.value);
		};
		const mine = await secret(ann.agreement, bob.agreement);
		expect(await secret(bob.agreement, ann.agreement)).toBe(mine);
		expect(await secret(eve.agreement, bob.agreement)).not.toBe(mine);
		expect(await secret(ann.agreement, bob.agreement, crypto.randomBytes(32))).not.toBe(mine);
	});

	it('is not begun with a key of small order, nor with oneself', async () => {
		const conversation = crypto.randomBytes(32);
		for (const other of [new Uint8Array(32), ann.agreement.publicKey])
			expect(await directSecretOf(subtle, ann.agreement, other, conversation)).toEqual({
				ok: false,
				reason: 'agreement-key'
			});
	});
});
