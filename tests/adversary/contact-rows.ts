/** Contact links that are not what they should be, and what is said by them: introductions, and words at the door. */
import { webcrypto } from 'node:crypto';
import { expect } from 'vitest';
import {
	decodeContactLink,
	encodeContactLink,
	linkSecretLength,
	type ContactLink
} from '../../src/lib/protocol/contact-link';
import { webCryptoPort } from '../../src/lib/protocol/crypto';
import {
	openIntroduction,
	sealIntroduction,
	type IntroductionRecipient
} from '../../src/lib/protocol/introduction';
import {
	checkReceipt,
	openAnswer,
	openKnock,
	rendezvousLimitChars,
	rendezvousOf,
	sealAnswer,
	sealKnock,
	signReceipt
} from '../../src/lib/protocol/rendezvous';
import { newAccount } from '../new-account';
import type { Row } from './row';

const engine = webCryptoPort(webcrypto as unknown as Crypto);
const nowMs = 1_800_000_000_000;

interface Reachable {
	readonly link: ContactLink;
	readonly devicePrivateKey: CryptoKey;
	readonly recipient: IntroductionRecipient;
}

/** Somebody with a contact link. */
async function reachable(): Promise<Reachable> {
	const { account, agreement, certificate, devicePrivateKey } = await newAccount(engine);
	const [topic, secret] = [engine.randomBytes(32), engine.randomBytes(linkSecretLength)];
	return {
		link: { certificate, topic, secret, name: 'Somebody' },
		devicePrivateKey,
		recipient: { account: account.publicKey, agreement, topic, linkSecret: secret }
	};
}

export const contactRows: readonly Row[] = [
	{
		no: 29,
		input: 'a contact link with any one of its characters changed or left out',
		outcome: 'a word on what is wrong (contact-link-broken, contact-link-other-version); nobody is contacted',
		run: async () => {
			const { link } = await reachable();
			const sound = encodeContactLink(link);
			expect(decodeContactLink(sound).ok).toBe(true);
			for (let i = 0; i < sound.length; i++) {
				const other = sound[i] === 'A' ? 'B' : 'A';
				for (const changed of [
					sound.slice(0, i) + other + sound.slice(i + 1),
					sound.slice(0, i) + sound.slice(i + 1),
					sound.slice(0, i)
				])
					expect(decodeContactLink(changed).ok, `character ${i}`).toBe(false);
			}
		}
	},
	{
		no: 29,
		input:
			'an introduction without the secret of the link, from a link that was renewed, in the name of somebody else, ' +
			'or passed on to another inbox',
		outcome:
			'thrown away and counted (introduction-proof, -sealed, -signature, -certificate); nothing is asked',
		run: async () => {
			const [anna, ben, eve] = [await reachable(), await reachable(), await reachable()];
			const seal = async (from: Reachable, to: ContactLink, changed = {}): Promise<Uint8Array> => {
				const introducer = { certificate: from.link.certificate, devicePrivateKey: from.devicePrivateKey };
				const author = { ...introducer, name: 'Eve', ...changed };
				const sealed = await sealIntroduction(engine.subtle, author, to, 'FORGED', nowMs);
				if (!sealed.ok) throw new Error(sealed.reason);
				return sealed.value;
			};
			const open = async (by: Reachable, item: Uint8Array): Promise<string> => {
				const opened = await openIntroduction(engine.subtle, by.recipient, item);
				return opened.ok ? 'taken' : opened.reason;
			};
			expect(await open(anna, await seal(eve, anna.link))).toBe('taken');
			expect(await open(ben, await seal(eve, anna.link))).toBe('introduction-sealed');
			const guessed = { ...anna.link, secret: engine.randomBytes(16) };
			expect(await open(anna, await seal(eve, guessed))).toBe('introduction-proof');
			const renewed = { ...anna.link, topic: engine.randomBytes(32) };
			expect(await open(anna, await seal(eve, renewed))).toBe('introduction-sealed');
			const { certificate } = ben.link;
			expect(await open(anna, await seal(eve, anna.link, { certificate }))).toBe('introduction-signature');
			const mixed = { ...certificate, device: eve.link.certificate.device };
			expect(await open(anna, await seal(eve, anna.link, { certificate: mixed }))).toBe(
				'introduction-certificate'
			);
			const sound = await seal(eve, anna.link);
			for (let at = 0; at < sound.length; at += 11) {
				const flipped = sound.slice();
				flipped[at]! ^= 1;
				expect(await open(anna, flipped), `byte ${at}`).not.toBe('taken');
			}
		}
	},
	{
		no: 29,
		input:
			'said at the door of a contact link: noise, too much, by another key; a receipt by another device, about ' +
			'another inbox, for other words',
		outcome:
			'refused and counted (form, base64url, truncated, sealed, receipt-signature), unopened; who waits goes on ' +
			'waiting; floods and replays: tests/unit/app/rendezvous.test.ts',
		run: async () => {
			const [anna, eve] = [await reachable(), await reachable()];
			const { subtle } = engine;
			const [door, other] = [await rendezvousOf(subtle, anna.link), await rendezvousOf(subtle, eve.link)];
			expect(new Set([door.door, door.answers, other.door, other.answers]).size).toBe(4);
			const refused = async (data: unknown): Promise<string> => {
				const [knock, answer] = [await openKnock(subtle, door, data), await openAnswer(subtle, door, data)];
				expect(answer.ok).toBe(false);
				return knock.ok ? 'taken' : knock.reason;
			};
			const said = await sealKnock(engine, door, new Uint8Array(16 * 1024));
			expect(said.length).toBeLessThanOrEqual(rendezvousLimitChars);
			expect(await refused(said)).toBe('taken');
			for (const data of [null, 7, { type: 'ring' }, [said], said.repeat(2)])
				expect(await refused(data)).toBe('form');
			expect(await refused(`${said.slice(0, -1)}!`)).toBe('base64url');
			expect(await refused('')).toBe('truncated');
			expect(await refused(await sealKnock(engine, other, new Uint8Array(9)))).toBe('sealed');
			for (let at = 0; at < 200; at += 7) {
				const letter = said[at] === 'A' ? 'B' : 'A';
				expect(await refused(said.slice(0, at) + letter + said.slice(at + 1)), `letter ${at}`).toBe('sealed');
			}
			const here = await sealAnswer(engine, door, { type: 'here' });
			expect((await openAnswer(subtle, door, here)).ok).toBe(true);
			expect((await openKnock(subtle, door, here)).ok).toBe(false);

			const [hash, otherHash] = [engine.randomBytes(32), engine.randomBytes(32)];
			const { topic, certificate } = anna.link;
			const counts = async (key: CryptoKey, about: Uint8Array, of: Uint8Array): Promise<boolean> => {
				const { signature } = await signReceipt(subtle, key, about, of);
				return checkReceipt(subtle, certificate.device, topic, { hash, signature });
			};
			expect(await counts(anna.devicePrivateKey, topic, hash)).toBe(true);
			expect(await counts(eve.devicePrivateKey, topic, hash)).toBe(false);
			expect(await counts(anna.devicePrivateKey, eve.link.topic, hash)).toBe(false);
			expect(await counts(anna.devicePrivateKey, topic, otherHash)).toBe(false);
		}
	}
];
