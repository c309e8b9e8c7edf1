/** Invitations and links between devices that are not what they should be. */
import { webcrypto } from 'node:crypto';
import { expect } from 'vitest';
import * as awarenessProtocol from 'y-protocols/awareness';
import * as Y from 'yjs';
import { invite, joiningIdentity, writeJoin } from '../../src/lib/conversation/founding';
import { Authentication } from '../../src/lib/link/authentication';
import { certifyDevice } from '../../src/lib/protocol/certificates';
import {
	decodeContactLink,
	encodeContactLink,
	linkSecretLength,
	type ContactLink
} from '../../src/lib/protocol/contact-link';
import { webCryptoPort } from '../../src/lib/protocol/crypto';
import { deriveEpochKeys } from '../../src/lib/protocol/epoch';
import { PeerHandshake, type HandshakeParty, type Transcript } from '../../src/lib/protocol/handshake';
import {
	openIntroduction,
	sealIntroduction,
	type IntroductionRecipient
} from '../../src/lib/protocol/introduction';
import {
	decodeInviteLink,
	encodeInviteLink,
	signingKeysOfSeed,
	type InviteLink
} from '../../src/lib/protocol/invite-link';
import { ByteWriter } from '../../src/lib/protocol/bytes';
import { noAuthority } from '../../src/lib/protocol/records';
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
import { fail, ok } from '../../src/lib/protocol/result';
import { readYjsFrame } from '../../src/lib/replicas/yjs-frames';
import { joinBy, linkOf, Person } from '../unit/conversation/people';
import { must, settle } from '../unit/conversation/people-act';
import { World } from '../simulation/authority/world';
import { invite as inviteStatement, joinGrant } from '../simulation/authority/steps';
import { goOn, honestGroup, ingestInVain, stateOf } from './honest-group';
import type { Row } from './row';

const engine = webCryptoPort(webcrypto as unknown as Crypto);
const conversation = new Uint8Array(32).fill(1);
const nowMs = 1_800_000_000_000;

async function party(epoch = 2): Promise<HandshakeParty> {
	const [account, device, agreement] = await Promise.all([
		engine.generateSigningKeys(),
		engine.generateSigningKeys(),
		engine.generateAgreementKeys()
	]);
	const certificate = await certifyDevice(engine, account, {
		device: device.publicKey,
		agreement: agreement.publicKey,
		deviceNumber: 1
	});
	const keys = await deriveEpochKeys(engine.subtle, conversation, new Uint8Array(32).fill(epoch));
	return { crypto: engine, conversation, epochs: [keys], certificate, devicePrivateKey: device.privateKey };
}

const offer: Transcript = { role: 'offerer', ownFingerprint: 'AA', peerFingerprint: 'BB' };
const answer: Transcript = { role: 'answerer', ownFingerprint: 'BB', peerFingerprint: 'AA' };

async function shake(a: HandshakeParty, b: HandshakeParty, ofB: Transcript = answer) {
	const [one, two] = [new PeerHandshake(a), new PeerHandshake(b)];
	const [proofA, proofB] = [await one.prove(two.hello(), offer), await two.prove(one.hello(), ofB)];
	if (!proofA.ok || !proofB.ok) throw new Error('a proof could not be made');
	return { one, two, proofA: proofA.value, proofB: proofB.value };
}

/** Somebody new with an open conversation, by a link; the join is not yet written. */
async function newcomer(by: Person, link: InviteLink): Promise<Person> {
	const { crypto } = by;
	const [account, device] = [await crypto.generateSigningKeys(), await crypto.generateSigningKeys()];
	const agreement = await crypto.generateAgreementKeys();
	const keys = { device: device.publicKey, agreement: agreement.publicKey, deviceNumber: 1 };
	const certificate = await certifyDevice(crypto, account, keys);
	const author = {
		certificate,
		devicePrivateKey: device.privateKey,
		agreementPrivateKey: agreement.privateKey
	};
	const person = new Person(
		crypto,
		by.seals,
		author,
		account,
		await joiningIdentity(crypto, author, link),
		[]
	);
	await person.open();
	await person.hear(by);
	return person;
}

async function openLink(by: Person): Promise<InviteLink> {
	const link = await invite(by.crypto, by.conversation, nowMs);
	if (!link.ok) throw new Error(link.reason);
	return link.value;
}

interface Reachable {
	readonly link: ContactLink;
	readonly devicePrivateKey: CryptoKey;
	readonly recipient: IntroductionRecipient;
}

/** Somebody with a contact link. */
async function reachable(): Promise<Reachable> {
	const [account, device, agreement] = await Promise.all([
		engine.generateSigningKeys(),
		engine.generateSigningKeys(),
		engine.generateAgreementKeys()
	]);
	const keys = { device: device.publicKey, agreement: agreement.publicKey, deviceNumber: 1 };
	const certificate = await certifyDevice(engine, account, keys);
	const [topic, secret] = [engine.randomBytes(32), engine.randomBytes(linkSecretLength)];
	return {
		link: { certificate, topic, secret, name: 'Somebody' },
		devicePrivateKey: device.privateKey,
		recipient: { account: account.publicKey, agreement, topic, linkSecret: secret }
	};
}

export const joiningRows: readonly Row[] = [
	{
		no: 28,
		input: 'a personal invitation used twice; used by another device than the one that made it',
		outcome: 'the first use counts, in the lane that made it; the others are void (used-up, no-invitation)',
		run: () => {
			const world = new World(1);
			const lane = world.lanes[0];
			if (lane === undefined) throw new Error('the founder has no lane');
			const auth = world.founderGrant;
			const add = (way: 'direct' | 'personal', by = lane) => {
				const account = world.newAccount();
				const isDirect = way === 'direct';
				const { id } = world.say(by, {
					type: 'add',
					auth,
					account,
					way,
					subject: isDirect ? '' : 'i-1',
					grant: isDirect ? '' : joinGrant('i-1', account)
				});
				return { id, account };
			};
			const other = add('direct');
			const others = world.newLane(world.newDevice(other.account), other.id);
			world.say(lane, inviteStatement(auth, 'i-1', 'personal', false));
			const uses = [add('personal', others), add('personal'), add('personal')].map(({ id }) => id);
			const log = world.fold().moderationLog();
			const verdicts = uses.map((id) => log.find((event) => event.id === id)?.verdict);
			expect(verdicts[1]).toBe('counts');
			expect(verdicts[2]).toBe('used-up');
			expect(verdicts[0]).not.toBe('counts');
		}
	},
	{
		no: 28,
		input: 'an open link used twice by one person, and by two people at once',
		outcome: 'one person is one grant; both people are in: an open link is for many',
		run: async () => {
			const people = await honestGroup();
			const { founder } = people;
			const link = {
				...(await openLink(founder)),
				epochSecret: founder.crypto.randomBytes(32)
			};
			const before = founder.conversation.authority.memberByAccount.size;
			const newcomers: Person[] = [];
			for (let i = 0; i < 2; i++) {
				const identityOf = await newcomer(founder, link);
				// The group's own keys: what matters here is the join.
				const person = new Person(
					founder.crypto,
					founder.seals,
					identityOf.author,
					identityOf.accountKeys,
					{ ...identityOf.identity, epoch: founder.identity.epoch },
					[]
				);
				await person.open();
				await person.hear(founder);
				newcomers.push(person);
			}
			for (const person of newcomers) {
				for (let i = 0; i < 2; i++) await writeJoin(person.crypto, person.conversation, link, 'again');
				await founder.hear(person);
			}
			expect(founder.conversation.authority.memberByAccount.size).toBe(before + 2);
			await goOn(people);
		}
	},
	{
		no: 28,
		input: 'a join dated after the expiry of its link, or by a key that nobody has published',
		outcome: 'lets nobody in',
		run: () => {
			const world = new World(1);
			const lane = world.lanes[0];
			if (lane === undefined) throw new Error('the founder has no lane');
			world.say(lane, inviteStatement(world.founderGrant, 'i-1', 'open', false, -1));
			for (const key of ['i-1', 'i-unknown']) {
				const account = world.newAccount();
				const grant = `j/${key}/${account}`;
				const theirs = world.newLane(world.newDevice(account), grant);
				world.say(theirs, { type: 'join', key, account, grant });
				expect(world.fold().memberByAccount.has(account)).toBe(false);
			}
		}
	},
	{
		no: 28,
		input: 'a personal invitation opened while its maker is away',
		outcome: 'pending until they are back',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			const terms = { auth: noAuthority, approval: false, kind: 'personal' as const };
			const link = await linkOf(ben, terms);
			for (const person of [founder, cleo]) await person.hear(ben);
			// Ben is away: dora meets Cleo.
			const dora = await joinBy(founder, link, 'dora', cleo);
			for (const person of [cleo, founder]) await person.hear(dora);
			const isIn = ({ conversation: { authority } }: Person): boolean =>
				authority.memberByAccount.has(dora.conversation.account);
			await settle(founder, cleo, dora);
			expect([founder, cleo, dora].map(isIn)).toEqual([false, false, false]);
			expect(dora.shown).toEqual([]);
			expect(dora.conversation.keys.ring.held.every(({ secret }) => secret === null)).toBe(true);
			// Nobody else can let her in by it.
			const { publicKey: subject } = await signingKeysOfSeed(founder.crypto.subtle, link.seed);
			const { account } = dora.identity.certificate;
			const add = { type: 'add', way: 'personal', account, subject } as const;
			await must(founder.conversation.act([{ ...add, auth: founder.identity.conversation }]));
			expect(isIn(founder)).toBe(false);
			await ben.hear(cleo);
			await must(ben.conversation.act([{ ...add, auth: noAuthority }]));
			await settle(founder, ben, cleo, dora);
			expect([founder, ben, cleo, dora].map(isIn)).toEqual([true, true, true, true]);
			expect(dora.shown).toEqual(['one', 'two']);
		}
	},
	{
		no: 29,
		input: 'an invite link with any one of its characters changed, left out or doubled',
		outcome: 'a word on what is wrong (invite-broken, invite-other-version); the address bar is wiped (e2e)',
		run: () => {
			const sound = encodeInviteLink({
				conversation,
				epochSecret: new Uint8Array(32).fill(2),
				epochKind: 'secret',
				meeting: new Uint8Array(16).fill(4),
				seed: new Uint8Array(32).fill(3),
				segment: 4,
				expiresAtMs: nowMs,
				groupName: 'Trip',
				kind: 'open'
			});
			expect(decodeInviteLink(`#${sound}`).ok).toBe(true);
			for (let i = 0; i < sound.length; i++) {
				const other = sound[i] === 'A' ? 'B' : 'A';
				for (const changed of [
					sound.slice(0, i) + other + sound.slice(i + 1),
					sound.slice(0, i) + sound.slice(i + 1),
					sound.slice(0, i) + sound.charAt(i) + sound.slice(i),
					sound.slice(0, i)
				]) {
					if (changed !== sound) expect(decodeInviteLink(changed).ok, `character ${i}`).toBe(false);
				}
			}
		}
	},
	{
		no: 29,
		input: 'a link of a conversation whose secret is not its own',
		outcome: 'meets nobody, reads nothing and is not heard (tests/e2e/bad-input.spec.ts shows the screens)',
		run: async () => {
			const people = await honestGroup();
			const { founder } = people;
			const link = { ...(await openLink(founder)), epochSecret: new Uint8Array(32).fill(7) };
			const stranger = await newcomer(founder, link);
			await writeJoin(stranger.crypto, stranger.conversation, link, 'FORGED');
			expect(stranger.shown).toEqual([]);
			const before = await stateOf(founder);
			await founder.hear(stranger);
			expect(await stateOf(founder)).toEqual(before);
			// Kept apart, in case that key is ever given.
			expect(founder.conversation.quarantined).toBe(1);
		}
	},
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
	},
	{
		no: 30,
		input: 'a handshake whose proof is that of another run, comes back from a mirror, or is for another role',
		outcome: 'fails (handshake-sealed, handshake-reflected, handshake-signature); no document byte before',
		run: async () => {
			const [a, b] = [await party(), await party()];
			const [first, second] = [await shake(a, b), await shake(a, b)];
			expect(await second.one.verify(second.proofB)).toMatchObject({ ok: true });
			expect(await second.one.verify(first.proofB)).toEqual(fail('handshake-sealed'));
			expect(await second.one.verify(second.proofA)).toEqual(fail('handshake-sealed'));
			const mirror = new PeerHandshake(a);
			expect(await mirror.prove(mirror.hello(), offer)).toEqual(fail('handshake-reflected'));
			const twins = await shake(a, b, { ...answer, role: 'offerer' });
			expect(await twins.one.verify(twins.proofB)).toEqual(fail('handshake-signature'));
		}
	},
	{
		no: 30,
		input: 'somebody between two devices, with fingerprints of their own',
		outcome: 'fails (handshake-signature)',
		run: async () => {
			const [a, b] = [await party(), await party()];
			for (const change of [{ ownFingerprint: 'CC' }, { peerFingerprint: 'CC' }]) {
				const between = await shake(a, b, { ...answer, ...change });
				expect(await between.one.verify(between.proofB)).toEqual(fail('handshake-signature'));
			}
		}
	},
	{
		no: 30,
		input: 'handshake messages twice, out of order, or of noise',
		outcome: 'the link is refused (handshake-order, or the reason of the message)',
		run: async () => {
			for (const kinds of [
				['proof'],
				['accept'],
				['hello', 'hello'],
				['hello', 'accept'],
				['hello', 'proof', 'proof']
			] as const) {
				const refused: string[] = [];
				let accepted = false;
				const authentication = new Authentication({
					handshake: {
						hello: () => new Uint8Array(1),
						prove: async () => ok(new Uint8Array(1)),
						verify: async () => ok({ account: 'a', device: 'd' })
					},
					transcript: async () => ok(offer),
					send: () => undefined,
					authenticated: () => undefined,
					accepted: () => (accepted = true),
					refuse: (reason) => void refused.push(reason)
				});
				const body = new Uint8Array(1);
				for (const kind of kinds) await authentication.take(kind === 'accept' ? { kind } : { kind, body });
				expect([refused, accepted]).toEqual([['handshake-order'], false]);
			}
			const { one } = await shake(await party(), await party());
			expect(await one.verify(new Uint8Array(200))).toEqual(fail('handshake-sealed'));
		}
	},
	{
		no: 30,
		input: 'a peer with the key of another epoch',
		outcome:
			'fails (handshake-sealed) as long as there is one epoch; a removed device is told so and no more (0017)',
		run: async () => {
			const { one, proofB } = await shake(await party(2), await party(3));
			expect(await one.verify(proofB)).toEqual(fail('handshake-sealed'));
		}
	},
	{
		no: 30,
		input: 'a peer that answers the handshake with silence',
		outcome: 'closed after 10 s (handshake-timeout); no frame of it reaches the guard',
		browser: [
			{ spec: 'tests/e2e/link/hostile-peer.spec.ts', title: 'who does not answer the handshake is shut out' }
		]
	},
	{
		no: 31,
		input:
			'presence of y-protocols: for another client, for oneself, with a clock of 2^53, of 200 000 states',
		outcome: 'dropped by its first byte, and never parsed',
		run: async () => {
			const doc = new Y.Doc();
			const awareness = new awarenessProtocol.Awareness(doc);
			awareness.setLocalState({ name: 'FORGED' });
			const body = awarenessProtocol.encodeAwarenessUpdate(awareness, [doc.clientID]);
			awareness.destroy();
			const states = new ByteWriter().varuint(200_000);
			for (let client = 0; client < 200_000; client++)
				states.varuint(client).varuint(Number.MAX_SAFE_INTEGER).text('{}');
			for (const said of [body, states.done(), new Uint8Array(0), Uint8Array.of(0xff, 0xff)]) {
				const frame = new ByteWriter().u8(1).block(said).done();
				expect(readYjsFrame(frame)).toEqual(ok({ type: 'presence' }));
			}
			expect(readYjsFrame(Uint8Array.of(3))).toEqual(ok({ type: 'presence' }));
			const { founder } = await honestGroup();
			await ingestInVain(founder, body);
		}
	}
];
