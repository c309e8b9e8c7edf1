/** Every decoder that takes bytes from outside, with something sound to start from. */
import * as Y from 'yjs';
import { webcrypto } from 'node:crypto';
import { decodeDocumentFrame } from '../../relay/document-frames';
import { relaySettings } from '../../relay/settings';
import { createSignalReader } from '../../relay/signalling';
import { decodeControlMessage, encodeControlMessage } from '../../src/lib/link/control-message';
import { Reassembly, frameAt } from '../../src/lib/link/frame';
import { decodeAcknowledgement, encodeAcknowledgement } from '../../src/lib/protocol/acknowledgement';
import { fromBase64url } from '../../src/lib/protocol/base64url';
import { certifyDevice } from '../../src/lib/protocol/certificates';
import { webCryptoPort } from '../../src/lib/protocol/crypto';
import { createEntry, parseEntry } from '../../src/lib/protocol/entry';
import { deriveEpochKeys } from '../../src/lib/protocol/epoch';
import {
	createFrontier,
	decodeFrontierWord,
	encodeFrontierWord,
	readFrontierHead
} from '../../src/lib/protocol/frontier';
import { decodeErase, decodeErased, encodeErase, encodeErased } from '../../src/lib/protocol/erase';
import { decodeUpdate, encodeUpdate, isPlaceholder, placeholder } from '../../src/lib/protocol/guard/update';
import { PeerHandshake } from '../../src/lib/protocol/handshake';
import { contextOf, laneOf } from '../../src/lib/protocol/ids';
import {
	authorizeInboxRequest,
	decodeInboxAuthorization,
	decodeInboxList,
	decodeInboxReceipt,
	encodeInboxList,
	encodeInboxReceipt
} from '../../src/lib/protocol/inbox';
import { decodeContactLink, encodeContactLink } from '../../src/lib/protocol/contact-link';
import { openIntroduction, readBody, sealIntroduction } from '../../src/lib/protocol/introduction';
import { decodeInviteLink, encodeInviteLink } from '../../src/lib/protocol/invite-link';
import { createPresence, openPresence, readPresenceHead } from '../../src/lib/protocol/presence';
import { unpad, pad } from '../../src/lib/protocol/padding';
import { codecs, decodeRecord, encodeRecord, type KnownRecord } from '../../src/lib/protocol/records';
import type { Result } from '../../src/lib/protocol/result';
import { decodeStateVector, encodeStateVector } from '../../src/lib/protocol/state-vector';
import { decodeSyncFrame, encodeSyncFrame } from '../../src/lib/protocol/sync-frames';
import {
	createRotation,
	createTicket,
	decodeAccess,
	decodeChallenge,
	decodeRotation,
	decodeTicket,
	encodeAccess,
	encodeChallenge
} from '../../src/lib/protocol/ticket';
import { ByteWriter, decodeWith } from '../../src/lib/protocol/bytes';
import { readYjsFrame, updateFrame, stateVectorFrame } from '../../src/lib/replicas/yjs-frames';
import type { SeededRandom } from './seeded-random';
import { soundRecords } from './sound-records';

export interface FuzzTarget {
	readonly name: string;
	readonly sound: readonly Uint8Array[];
	/** Decodes; what it throws is a bug. */
	decode(bytes: Uint8Array): Result<unknown, string> | Promise<Result<unknown, string>>;
	/** Called for what was taken: whether it can be right. */
	check?(bytes: Uint8Array): string | null;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const asText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A document into which only what is taken goes; what Yjs makes of it is compared with what was decoded. */
function checkAgainstYjs(bytes: Uint8Array): string | null {
	const runs = decodeUpdate(bytes);
	if (!runs.ok || runs.value.some((run) => run.start > 0)) return null;
	const doc = new Y.Doc();
	Y.applyUpdate(doc, bytes);
	const entries = doc.getMap<Uint8Array>('e');
	const count = runs.value.flatMap((run) => run.entries).filter((entry) => !isPlaceholder(entry)).length;
	if (entries.size !== count) return `Yjs has ${entries.size} entries of ${count}`;
	return doc.store.pendingStructs === null ? null : 'Yjs waits for something';
}

const signalMessages = [
	{ type: 'subscribe', topics: ['room', 'Räume'] },
	{ type: 'unsubscribe', topics: [] },
	{ type: 'publish', topic: 'room', data: 'c2VhbGVk' },
	{ type: 'publish', topic: 'room', data: { type: 'signal', from: 'a', to: 'b', signal: { sdp: ['v=0'] } } },
	{ type: 'ping' }
];

export async function fuzzTargets(random: SeededRandom): Promise<readonly FuzzTarget[]> {
	const crypto = webCryptoPort(webcrypto as unknown as Crypto);
	const conversation = random.bytes(32);
	const keys = await deriveEpochKeys(crypto.subtle, conversation, random.bytes(32));
	const context = contextOf(conversation, 1);
	const signing = await crypto.generateSigningKeys();
	const lane = laneOf(signing.publicKey);
	const entries: Uint8Array[] = [];
	let prev: Uint8Array = new Uint8Array(32);
	const records = soundRecords(random);
	for (let clock = 0; clock < 4; clock++) {
		const entry = await createEntry(crypto, keys, {
			place: { context, lane, clock },
			class: clock === 0 ? 'lane' : 'message',
			prev,
			record: encodeRecord({
				hlc: 5,
				deps: [],
				record: records.find(({ type }) => type === (clock === 0 ? 'lane' : 'message')) as KnownRecord
			}),
			lanePublicKey: signing.publicKey,
			lanePrivateKey: signing.privateKey
		});
		entries.push(entry.bytes);
		prev = entry.id;
	}
	const update = encodeUpdate([{ lane, start: 0, entries }]);
	const redacted = encodeUpdate([
		{ lane, start: 0, entries: entries.map((entry, clock) => (clock % 2 === 0 ? entry : placeholder)) }
	]);
	const heads = [{ lane, next: 4, clock: 3, id: prev.subarray(0, 8) }];
	const frontierHeads = new Map([[1, new Map([[lane, { next: 4, id: prev, read: 3 }]])]]);
	const frontier = await createFrontier(
		crypto,
		keys,
		context,
		{ lane, privateKey: signing.privateKey },
		9,
		frontierHeads
	);
	const ownLane = { lane, privateKey: signing.privateKey };
	const typing = { typing: true, online: false };
	const presence = await createPresence(crypto, keys, context, ownLane, 9, typing);
	const certificate = await certifyDevice(crypto, signing, {
		device: signing.publicKey,
		agreement: random.bytes(32),
		deviceNumber: 1
	});
	const party = { crypto, conversation, epochs: [keys], certificate, devicePrivateKey: signing.privateKey };
	const transcript = { role: 'offerer', ownFingerprint: 'A', peerFingerprint: 'B' } as const;
	const peer = new PeerHandshake(party);
	const own = new PeerHandshake(party);
	const proof = await peer.prove(own.hello(), transcript);
	await own.prove(peer.hello(), transcript);
	const link = encodeInviteLink({
		conversation,
		epochSecret: random.bytes(32),
		epochKind: 'secret',
		meeting: random.bytes(16),
		seed: random.bytes(32),
		segment: 3,
		expiresAtMs: 1_800_000_000_000,
		groupName: 'Trip',
		kind: 'personal'
	});
	const agreement = await webCryptoPort(webcrypto as Crypto).generateAgreementKeys();
	const contact = {
		certificate: await certifyDevice(crypto, signing, {
			device: signing.publicKey,
			agreement: agreement.publicKey,
			deviceNumber: 1
		}),
		topic: random.bytes(32),
		secret: random.bytes(16),
		name: 'Änne'
	};
	const contactLink = encodeContactLink(contact);
	const introducer = { certificate, devicePrivateKey: signing.privateKey, name: 'Bob' };
	const introduction = await sealIntroduction(crypto.subtle, introducer, contact, 'Hello', 1.8e12);
	const recipient = {
		account: signing.publicKey,
		agreement,
		topic: contact.topic,
		linkSecret: contact.secret
	};
	const introductionBody = pad(
		new ByteWriter()
			.raw(signing.publicKey)
			.raw(signing.publicKey)
			.raw(agreement.publicKey)
			.varuint(1)
			.raw(random.bytes(64))
			.text('Bob')
			.varuint(1.8e9)
			.text('Hello')
			.raw(random.bytes(96))
			.done()
	);
	const deps = [{ lane, clock: 3, id: prev.subarray(0, 8) }];
	const classOfNumber = new Map(Object.values(codecs).map((codec) => [codec.number, codec.class]));
	const nonce = random.bytes(32);
	const challenge = encodeChallenge({ nonce, generation: 2, current: signing.publicKey });
	const ticketOptions = { kind: 'access', mode: 'write', host: 'relay.example:4400' } as const;
	const ticket = await createTicket(crypto.subtle, signing, context, nonce, ticketOptions);
	const rotation = await createRotation(crypto.subtle, signing, context, {
		generation: 3,
		next: random.bytes(32),
		readUntilSeconds: 1_900_000_000,
		readerLanes: [17, lane]
	});
	const inboxItem = { id: random.bytes(16), bytes: 900, receivedSeconds: 1.8e9, expiresSeconds: 1.9e9 };
	const inboxRequest = { action: 'fetch', topic: context, item: inboxItem.id } as const;
	const inboxNonce = random.bytes(40);
	const authorization = await authorizeInboxRequest(
		crypto.subtle,
		signing,
		inboxRequest,
		inboxNonce,
		'relay.example'
	);
	const readSignal = createSignalReader(relaySettings());
	const vector = encodeStateVector(
		new Map([
			[lane, 4],
			[17, 2]
		])
	);
	const syncFrames = [
		encodeSyncFrame({ type: 'inventory', segments: [{ segment: 1, entries: 4, digest: random.bytes(8) }] }),
		encodeSyncFrame({ type: 'pull', segment: 1, heads }),
		encodeSyncFrame({ type: 'update', segment: 1, update }),
		encodeSyncFrame({ type: 'end', segment: 1 }),
		encodeSyncFrame({ type: 'frontier', frontier })
	];
	return [
		{
			name: 'update',
			sound: [
				update,
				redacted,
				encodeUpdate([]),
				encodeUpdate([{ lane, start: 2, entries: entries.slice(2) }])
			],
			decode: (bytes) => decodeUpdate(bytes),
			check: checkAgainstYjs
		},
		{
			name: 'erase',
			sound: [encodeErase([{ lane, clock: 1, token: random.bytes(16) }])],
			decode: decodeErase
		},
		{ name: 'erased', sound: [encodeErased([{ lane, clock: 1 }])], decode: decodeErased },
		{ name: 'entry', sound: entries, decode: (bytes) => parseEntry(bytes, bytes.length & 1) },
		{
			name: 'record',
			sound: records.map((record) => encodeRecord({ hlc: 1_800_000_000_000 * 1024, deps, record })),
			decode: (bytes) => decodeRecord(bytes, classOfNumber.get(bytes[0] ?? 0) ?? 'control')
		},
		{
			name: 'padding',
			sound: records.map((record) => pad(encodeRecord({ hlc: 1, deps, record }))),
			decode: (bytes) => decodeWith(bytes, (reader) => unpad(reader.take(reader.left)))
		},
		{
			name: 'acknowledgement',
			sound: [encodeAcknowledgement(heads)],
			decode: (bytes) => decodeAcknowledgement(bytes)
		},
		{ name: 'stateVector', sound: [vector], decode: (bytes) => decodeStateVector(bytes) },
		{ name: 'frontier', sound: [frontier], decode: (bytes) => readFrontierHead(bytes) },
		{
			name: 'frontierWord',
			sound: [encodeFrontierWord({ heads: frontierHeads, online: true })],
			decode: (bytes) => decodeFrontierWord(bytes)
		},
		{ name: 'presence', sound: [presence], decode: (bytes) => readPresenceHead(bytes) },
		{
			name: 'sealedPresence',
			sound: [presence],
			decode: (bytes) => openPresence(crypto.subtle, keys, context, signing.publicKey, bytes)
		},
		{ name: 'syncFrame', sound: syncFrames, decode: (bytes) => decodeSyncFrame(bytes) },
		{
			name: 'yjsFrame',
			sound: [updateFrame(update), stateVectorFrame(new Map([[lane, 4]]))],
			decode: (bytes) => readYjsFrame(bytes)
		},
		{
			name: 'relayFrame',
			sound: [
				updateFrame(update),
				stateVectorFrame(new Map([[lane, 4]])),
				Uint8Array.of(103, ...ticket),
				Uint8Array.of(105, ...rotation)
			],
			decode: (bytes) => decodeDocumentFrame(bytes, 8 * 1024 * 1024)
		},
		{
			name: 'inboxAuthorization',
			sound: [utf8(authorization)],
			decode: (bytes) => decodeInboxAuthorization(asText(bytes))
		},
		{ name: 'inboxReceipt', sound: [encodeInboxReceipt(inboxItem)], decode: (b) => decodeInboxReceipt(b) },
		{ name: 'inboxList', sound: [encodeInboxList([inboxItem])], decode: (bytes) => decodeInboxList(bytes) },
		{ name: 'challenge', sound: [challenge], decode: (bytes) => decodeChallenge(bytes) },
		{ name: 'ticket', sound: [ticket], decode: (bytes) => decodeTicket(bytes) },
		{
			name: 'access',
			sound: [encodeAccess({ generation: 3, mode: 'read' })],
			decode: (b) => decodeAccess(b)
		},
		{ name: 'rotation', sound: [rotation], decode: (bytes) => decodeRotation(bytes) },
		{
			name: 'signalMessage',
			sound: signalMessages.map((message) => utf8(JSON.stringify(message))),
			decode: readSignal
		},
		{
			name: 'hello',
			sound: [peer.hello()],
			decode: (bytes) => new PeerHandshake(party).prove(bytes, transcript)
		},
		{ name: 'proof', sound: proof.ok ? [proof.value] : [], decode: (bytes) => own.verify(bytes) },
		{
			name: 'inviteLink',
			sound: [utf8(link), utf8('#' + link)],
			decode: (bytes) => decodeInviteLink(asText(bytes))
		},
		{
			name: 'contactLink',
			sound: [utf8(contactLink), utf8('https://skein.example/add#' + contactLink)],
			decode: (bytes) => decodeContactLink(asText(bytes))
		},
		{
			name: 'introduction',
			sound: introduction.ok ? [introduction.value] : [],
			decode: (bytes) => openIntroduction(crypto.subtle, recipient, bytes)
		},
		{ name: 'introductionBody', sound: [introductionBody], decode: (bytes) => readBody(bytes) },
		{ name: 'base64url', sound: [utf8(link.slice(2))], decode: (bytes) => fromBase64url(asText(bytes)) },
		{
			name: 'controlMessage',
			sound: [encodeControlMessage({ kind: 'consumed', channel: 'sync', bytes: 70_000 })],
			decode: (bytes) => decodeControlMessage(bytes)
		},
		{
			name: 'linkFrame',
			sound: [frameAt(update, 0)],
			decode: (bytes) => new Reassembly(1024 * 1024).take(bytes as Uint8Array<ArrayBuffer>)
		}
	];
}
