/**
 * Runs in the browser of somebody who has the link and means harm: a real swarm with real handshakes and a real
 * conversation in memory, which says on its links, and to the relay, whatever a test wants.
 */
import * as Y from 'yjs';
import type { Conversation } from '../../../src/lib/conversation/conversation';
import type { Link, LinkOwner } from '../../../src/lib/link/contract';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import { contextOf, controlSegment } from '../../../src/lib/protocol/ids';
import { meetingOf } from '../../../src/lib/protocol/meeting';
import { encodeSyncFrame } from '../../../src/lib/protocol/sync-frames';
import { PeerSync } from '../../../src/lib/replicas/peer-sync';
import { openSwarm, pageSwarmDeps, type Swarm } from '../../../src/lib/replicas/swarm/swarm';
import { readYjsFrame, updateFrame, emptyAnswer } from '../../../src/lib/replicas/yjs-frames';
import {
	conversationInMemory,
	handshakeOf,
	invitation,
	newcomer
} from '../../adversary/hostile-peer/conversation-in-memory';
import { tellRelay } from '../../adversary/hostile-peer/tell-relay';
import { attacks, type Seen } from '../../simulation/hostile-updates';
import { SeededRandom } from '../../simulation/seeded-random';

const port = webCryptoPort(crypto);
const segments = [controlSegment, 1];

/** Besides what is no sound update: frames that are none at all, or too large. */
const rawFrames: Readonly<Record<string, (random: SeededRandom) => Uint8Array>> = {
	emptyFrame: () => new Uint8Array(1),
	unknownType: () => new Uint8Array([99, 1, 2, 3]),
	noiseFrame: (random) => random.bytes(300),
	largeNoise: (random) => new Uint8Array(7 * 1024 * 1024).fill(random.below(256)),
	manySegments: () =>
		encodeSyncFrame({
			type: 'inventory',
			segments: Array.from({ length: 4_000 }, (_, i) => ({
				segment: i,
				entries: 9_999,
				digest: new Uint8Array(8)
			}))
		})
};

interface Intruder {
	readonly conversation: Conversation;
	readonly swarm: Swarm;
	readonly links: Set<Link>;
	readonly closed: string[];
	/** Said on y-webrtc's own channel instead of what it wanted to say. */
	lie: Uint8Array | null;
}

async function intrude(fragment: string): Promise<Intruder> {
	const syncs = new Map<Link, PeerSync>();
	const identity = await newcomer(port, invitation(fragment));
	const conversation = await conversationInMemory(identity, port, (segment, runs) => {
		for (const sync of syncs.values()) sync.pass(segment, runs);
	});
	const owner: LinkOwner = {
		newHandshake: () => handshakeOf(conversation, port),
		onOpen(link) {
			intruder.links.add(link);
			const sync = new PeerSync(conversation, {
				send: (frame) => link.send('sync', frame),
				queuedBytes: () => 0,
				drained: async () => undefined,
				violation: () => undefined,
				heard: () => undefined,
				progress: () => undefined
			});
			syncs.set(link, sync);
			sync.announce();
		},
		async onMessage(link, channel, message) {
			if (channel === 'sync') await syncs.get(link)?.receive(message);
		},
		async guardInbound(_link, frame) {
			const read = readYjsFrame(frame);
			if (!read.ok || read.value.type === 'presence' || read.value.type === 'other') return [];
			if (read.value.type === 'state-vector') return [frame];
			await conversation.ingest(controlSegment, read.value.update, owner);
			return read.value.type === 'answer' ? [emptyAnswer()] : [];
		},
		guardOutbound: (frame) => (intruder.lie === null ? [frame] : [updateFrame(intruder.lie)]),
		onClose(link, reason) {
			intruder.links.delete(link);
			intruder.closed.push(reason);
			syncs.delete(link);
		},
		onViolation: () => undefined
	};
	const control = await conversation.document(controlSegment);
	const meeting = meetingOf(identity.conversation, identity.meeting);
	const swarm = openSwarm({
		doc: control.doc,
		room: meeting.room,
		password: meeting.roomPassword,
		signalling: [`ws://${location.host}/signal`],
		iceServers: [],
		owner,
		maxPeers: 10,
		deps: pageSwarmDeps()
	});
	const intruder: Intruder = { conversation, swarm, links: new Set(), closed: [], lie: null };
	return intruder;
}

let current: Intruder | null = null;

function intruder(): Intruder {
	if (current === null) throw new Error('nobody has come in yet');
	return current;
}

async function seenOf({ conversation }: Intruder, segment: number): Promise<Seen> {
	const updateOf = async (number: number): Promise<Uint8Array> => {
		const { doc } = await conversation.document(number);
		return Y.encodeStateAsUpdate(doc);
	};
	return {
		conversation: conversation.identity.conversation,
		segment,
		update: await updateOf(segment),
		keys: await conversation.keys.keysToWrite(),
		elsewhere: await updateOf(segment === controlSegment ? 1 : controlSegment)
	};
}

const hostile = {
	/** All that can be said, by name. */
	attacks: (): string[] => [...Object.keys(attacks), ...Object.keys(rawFrames)],

	async comeIn(fragment: string): Promise<void> {
		current = await intrude(fragment);
	},

	links: (): number => intruder().links.size,
	/** Why honest peers closed their links so far. */
	closed: (): readonly string[] => intruder().closed,

	/** Entries that this side has seen of the conversation. */
	seen: (): number => intruder().conversation.entriesHeld,

	/** Says one thing on all links, in all segments and on both channels. @returns how many frames were taken */
	async say(name: string, seed: number): Promise<number> {
		const random = new SeededRandom(seed);
		const { links } = intruder();
		const frames: Uint8Array[] = [];
		const raw = rawFrames[name];
		if (raw !== undefined) frames.push(raw(random));
		const attack = attacks[name];
		if (attack !== undefined) {
			for (const segment of segments) {
				const update = await attack(await seenOf(intruder(), segment), random, port);
				frames.push(encodeSyncFrame({ type: 'update', segment, update }));
			}
		}
		let taken = 0;
		for (const link of links) for (const frame of frames) if (link.send('sync', frame)) taken++;
		return taken;
	},

	/** Lets y-webrtc itself say something else than it means to. */
	async lie(name: string, seed: number): Promise<void> {
		const attack = attacks[name];
		if (attack === undefined) throw new Error(`there is no attack ${name}`);
		const { conversation } = intruder();
		intruder().lie = await attack(await seenOf(intruder(), controlSegment), new SeededRandom(seed), port);
		// Any change of its document makes it speak.
		const { doc } = await conversation.document(controlSegment);
		doc.getMap('lie').set('said', seed);
	},

	async leave(): Promise<void> {
		await intruder().swarm.close();
		current = null;
	},

	/** Says everything to the relay, each on a connection of its own. @returns how often it hung up */
	async sayToRelay(seed: number): Promise<number> {
		let hungUp = 0;
		for (const segment of segments) {
			const seen = await seenOf(intruder(), segment);
			const context = contextOf(seen.conversation, segment);
			for (const [attack, make] of Object.entries(attacks)) {
				const update = await make(seen, new SeededRandom(seed + attack.length), port);
				if (await tell(context, [updateFrame(update)])) hungUp++;
			}
			const random = new SeededRandom(seed);
			const frames = [
				...Object.values(rawFrames).map((make) => make(random)),
				updateFrame(random.bytes(9 * 1024 * 1024)),
				new Uint8Array(0)
			];
			for (const frame of frames) if (await tell(context, [frame])) hungUp++;
			// One connection that does not tire.
			const noise = Array.from({ length: 200 }, () => updateFrame(random.bytes(80)));
			if (await tell(context, noise)) hungUp++;
		}
		return hungUp;
	}
};

const tell = (context: Uint8Array, frames: readonly Uint8Array[]): Promise<boolean> =>
	tellRelay(context, () => intruder().conversation.keys.accessSecrets, frames);

export type Hostile = typeof hostile;
declare global {
	interface Window {
		hostile: Hostile;
	}
}
window.hostile = hostile;
