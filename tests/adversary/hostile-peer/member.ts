/**
 * Somebody who has joined by a normal invite link and means harm: a real conversation in memory, a real swarm with real
 * handshakes, a real ticket at the relay. Runs in a page. What it says is for behaviours.ts.
 */
import * as Y from 'yjs';
import type { Conversation } from '../../../src/lib/conversation/conversation';
import { writeJoin } from '../../../src/lib/conversation/founding';
import type { ConversationIdentity } from '../../../src/lib/conversation/ports';
import type { Link, LinkOwner } from '../../../src/lib/link/contract';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import { decodeUpdate, type LaneRun } from '../../../src/lib/protocol/guard/update';
import { contextOf, controlSegment } from '../../../src/lib/protocol/ids';
import { meetingOf } from '../../../src/lib/protocol/meeting';
import { encodeSyncFrame } from '../../../src/lib/protocol/sync-frames';
import {
	createRotation,
	decodeChallenge,
	deriveAccessKeys,
	rotationMessageType
} from '../../../src/lib/protocol/ticket';
import { PeerSync } from '../../../src/lib/replicas/peer-sync';
import { RelayReplica } from '../../../src/lib/replicas/relay/relay-replica';
import { openSwarm, pageSwarmDeps, type Swarm } from '../../../src/lib/replicas/swarm/swarm';
import { emptyAnswer, readYjsFrame, updateFrame } from '../../../src/lib/replicas/yjs-frames';
import { conversationInMemory, handshakeOf, invitation, newcomer } from './conversation-in-memory';
import { tellRelay } from './tell-relay';

/** How a member says something: on all its links, or at the relay. */
export type Way = 'links' | 'relay';

const nothing = async (): Promise<void> => undefined;

/** Every data channel of this page, so that it can be written to past all framing. */
const rawChannels: RTCDataChannel[] = [];
const { createDataChannel } = RTCPeerConnection.prototype;
RTCPeerConnection.prototype.createDataChannel = function (label, init) {
	const channel = createDataChannel.call(this, label, init);
	rawChannels.push(channel);
	return channel;
};

export class Member implements LinkOwner {
	readonly crypto = webCryptoPort(crypto);
	readonly links = new Map<Link, PeerSync>();
	/** Keeps what it has to itself: answers every question with nothing, and claims to have a lot. */
	withholds = false;
	#conversation!: Conversation;
	#swarm!: Swarm;
	#relay!: RelayReplica;

	private constructor(readonly identity: ConversationIdentity) {}

	/** Joins like everybody. @param fragment of the invite link */
	static async join(fragment: string, name: string): Promise<Member> {
		const link = invitation(fragment);
		const port = webCryptoPort(crypto);
		const member = new Member(await newcomer(port, link));
		await member.#open();
		const joined = await writeJoin(port, member.#conversation, link, name);
		if (!joined.ok) throw new Error(joined.reason);
		return member;
	}

	get conversation(): Conversation {
		return this.#conversation;
	}

	/** Whether the others' entries are here, and the others know that this one is a member. */
	get isIn(): boolean {
		const { authority, account } = this.#conversation;
		return authority.memberByAccount.has(account) && this.#conversation.waiting().segments.size === 0;
	}

	async leave(): Promise<void> {
		await Promise.all([this.#swarm.close(), this.#relay.close()]);
		await this.#conversation.close();
	}

	/** A whole sound update of a segment. */
	async seen(segment: number): Promise<Uint8Array> {
		return Y.encodeStateAsUpdate((await this.#conversation.document(segment)).doc);
	}

	/** The longest lane of somebody else in a segment. */
	async victim(segment: number): Promise<LaneRun> {
		const runs = decodeUpdate(await this.seen(segment));
		if (!runs.ok) throw new Error(runs.reason);
		const others = runs.value.filter(({ lane }) => !this.#conversation.isOwnLane(lane));
		const [longest] = others.sort((a, b) => b.entries.length - a.entries.length);
		if (longest === undefined) throw new Error('nobody else has said anything');
		return longest;
	}

	/** Says the same to everybody, in one frame. */
	async say(way: Way, segment: number, update: Uint8Array): Promise<void> {
		if (way === 'relay') await this.tellRelay(segment, [updateFrame(update)]);
		else this.sendFrame(encodeSyncFrame({ type: 'update', segment, update }));
	}

	/** Any bytes on the sync channel of all links. */
	sendFrame(frame: Uint8Array): void {
		for (const link of this.links.keys()) link.send('sync', frame);
	}

	/** Bytes on the wire of the channel with this number, of all links, past all framing. */
	sendRaw(channel: number, bytes: Uint8Array<ArrayBuffer>): void {
		for (const each of rawChannels) if (each.id === channel && each.readyState === 'open') each.send(bytes);
	}

	/** Says no more on the channel with this number, of all links, and does not hang up either. */
	fallSilent(channel: number): void {
		for (const each of rawChannels) if (each.id === channel) each.send = () => undefined;
	}

	/** Names, as every member can, the key that opens a document at the relay from now on: one that nobody else has. */
	async seizeAtRelay(segment: number): Promise<void> {
		const context = contextOf(this.identity.conversation, segment);
		const { subtle } = this.crypto;
		const [accessSecret] = this.conversation.keys.accessSecrets;
		if (accessSecret === undefined) throw new Error('a member who holds no epoch');
		const current = await deriveAccessKeys(subtle, accessSecret, context);
		const { publicKey } = await this.crypto.generateSigningKeys();
		await this.tellRelay(segment, async (challenge) => {
			const read = decodeChallenge(challenge.subarray(1));
			if (!read.ok) throw new Error(read.reason);
			const terms = { generation: read.value.generation + 1, readUntilSeconds: 0, readerLanes: [] };
			const body = await createRotation(subtle, current, context, { next: publicKey, ...terms });
			return [new ByteWriter().u8(rotationMessageType).raw(body).done()];
		});
	}

	/**
	 * Lets itself into a document and sends frames there.
	 * @param frames or what makes them of the relay's challenge
	 * @returns whether the relay hung up before it had read them all
	 */
	tellRelay(
		segment: number,
		frames: readonly Uint8Array[] | ((challenge: Uint8Array) => Promise<readonly Uint8Array[]>)
	): Promise<boolean> {
		const context = contextOf(this.identity.conversation, segment);
		return tellRelay(context, () => this.conversation.keys.accessSecrets, frames);
	}

	newHandshake(): ReturnType<LinkOwner['newHandshake']> {
		return handshakeOf(this.#conversation, this.crypto);
	}

	onOpen(link: Link): void {
		const sync = new PeerSync(this.#conversation, {
			send: (frame) => this.withholds || link.send('sync', frame),
			queuedBytes: () => 0,
			drained: nothing,
			violation: () => undefined,
			heard: () => undefined,
			progress: () => undefined
		});
		this.links.set(link, sync);
		sync.announce();
	}

	async onMessage(link: Link, channel: 'control' | 'sync', message: Uint8Array): Promise<void> {
		if (channel === 'sync') await this.links.get(link)?.receive(message);
	}

	async guardInbound(_link: Link, frame: Uint8Array): Promise<readonly Uint8Array[]> {
		const read = readYjsFrame(frame);
		if (!read.ok || read.value.type === 'presence' || read.value.type === 'other') return [];
		if (read.value.type === 'state-vector') return this.withholds ? [] : [frame];
		await this.#conversation.ingest(controlSegment, read.value.update, this);
		return read.value.type === 'answer' ? [emptyAnswer()] : [];
	}

	guardOutbound(frame: Uint8Array): readonly Uint8Array[] {
		return this.withholds ? [] : [frame];
	}

	onClose(link: Link): void {
		this.links.get(link)?.close();
		this.links.delete(link);
	}

	onViolation(): void {
		// What it thinks of others is nobody's business.
	}

	async #open(): Promise<void> {
		this.#conversation = await conversationInMemory(this.identity, this.crypto, (segment, runs, origin) => {
			if (segment === controlSegment) return;
			for (const sync of this.links.values()) if (sync !== origin) sync.pass(segment, runs);
		});
		const control = await this.#conversation.document(controlSegment);
		const { room, roomPassword } = meetingOf(this.identity.conversation, this.identity.meeting);
		this.#swarm = openSwarm({
			doc: control.doc,
			room,
			password: roomPassword,
			signalling: [`ws://${location.host}/signal`],
			iceServers: [],
			owner: this,
			maxPeers: 10,
			deps: pageSwarmDeps()
		});
		this.#relay = new RelayReplica({
			conversation: this.#conversation,
			url: `ws://${location.host}/doc`,
			longestRetryMs: 2_000,
			nowMs: () => Date.now(),
			comparedAtMs: new Map(),
			onChange: () => undefined,
			onViolation: () => undefined
		});
	}
}
