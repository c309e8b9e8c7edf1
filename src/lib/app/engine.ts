/**
 * Everything behind the screens once there is an account: which conversations there are, which of them are connected
 * (hot), how they begin and end. Loaded after first paint; brings Yjs and the network with it.
 */
import type { Authority } from '$lib/conversation/authority';
import type { Conversation } from '$lib/conversation/conversation';
import { beginDirect, writeDirect } from '$lib/conversation/direct';
import {
	foundGroup,
	invite,
	inviteLifetimeMs,
	joiningIdentity,
	writeFounding,
	writeJoin,
	type Author
} from '$lib/conversation/founding';
import type { ConversationIdentity, JournalFailure, OwnLane } from '$lib/conversation/ports';
import type { ConversationRecord, DeviceDatabase, IdentityRow } from '$lib/identity/device-database';
import type { Timers } from '$lib/link/timers';
import { fromBase64url, toBase64url } from '$lib/protocol/base64url';
import { hlcOfMs } from '$lib/protocol/clock';
import type { DeviceCertificate } from '$lib/protocol/certificates';
import { sha256, type Bytes, type CryptoPort } from '$lib/protocol/crypto';
import { accountIdOf, controlSegment } from '$lib/protocol/ids';
import { decodeInviteLink, encodeInviteLink, type InviteLink } from '$lib/protocol/invite-link';
import { meetingOf, meetingSecretOf } from '$lib/protocol/meeting';
import { fail, ok, type Result } from '$lib/protocol/result';
import { dialWebSocket, openDoorbell, type Doorbell } from '$lib/replicas/swarm/doorbell';
import { pageMoments } from '$lib/replicas/swarm/page-moments';
import type { CursorRow, MessageRow, Store } from '$lib/store/types';
import type { ConsentSource } from './consent.svelte';
import { companionIn, type Companion } from './contacts/companions';
import type { EventLog } from './event-log';
import { forgetConversation } from './forget-conversation';
import { GroupIntents, type ActFailure } from './group-intents';
import { HotConversation, type HotConversationDeps, type TypingPerson } from './hot-conversation';
import { renewMembership } from './new-membership';
import { Projector } from './projector';

/** Each costs a link per member; the others wait for a ring (replicas). */
const hotLimit = 8;
/** A conversation that is only visited, to see what came while nobody rang. */
const visitMs = 12_000;
/** An invitation is given out again while it is valid for at least this long. */
const inviteReuseMs = 24 * 60 * 60_000;

export interface EngineEvents {
	/** Something in the list of conversations may look different. */
	listed(): void;
	changed(conversation: string): void;
	/** Name, members or own membership. */
	described(conversation: string): void;
	/** Whether this account is, or was, a member as far as is known here. */
	standing(conversation: string, isIn: boolean): void;
	arrived(conversation: string, messages: readonly MessageRow[]): void;
	stored(conversation: string, messages: readonly MessageRow[]): void;
	/** Messages of this conversation are about to be withdrawn. */
	withdrawing(conversation: string): Promise<void>;
	withdrawn(conversation: string, ids: readonly string[]): void;
	typing(conversation: string, people: readonly TypingPerson[]): void;
	rebuilding(progress: { readonly done: number; readonly total: number } | null): void;
}

export interface EngineDeps {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly identity: IdentityRow;
	readonly store: Store;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly random: () => number;
	/** "wss://host/signal" and "wss://host/doc". */
	readonly signalling: string;
	readonly relay: string;
	readonly iceServers: readonly RTCIceServer[];
	readonly consent: ConsentSource;
	/** The read model is empty: `rebuild` will be called. */
	readonly rebuilds: boolean;
	readonly people: PeopleOfEngine;
	readonly events: EngineEvents;
}

/** What conversations have to do with people. */
export interface PeopleOfEngine {
	/** With somebody who is blocked: it is not connected. */
	isSilent(conversation: string): boolean;
	described(conversation: string, authority: Authority): void;
}

const projectedIn = (cursors: readonly CursorRow[], segment: number): number =>
	cursors.filter((cursor) => cursor.segment === segment).reduce((sum, { next }) => sum + next, 0);

interface Hot {
	readonly opening: Promise<HotConversation>;
	opened: HotConversation | null;
	/** Screens that show it. */
	pins: number;
	lastUse: number;
}

export class Engine {
	readonly #hotById = new Map<string, Hot>();
	readonly #bellById = new Map<string, string>();
	readonly #doorbell: Doorbell;
	readonly #forgetMoments: () => void;
	readonly #toVisit: string[] = [];
	#cancelVisit: () => void = () => undefined;
	#uses = 0;
	#closed = false;

	constructor(readonly deps: EngineDeps) {
		this.#doorbell = openDoorbell({
			url: deps.signalling,
			onRing: (topic) => this.#rung(topic),
			deps: { dial: dialWebSocket, timers: deps.timers, random: deps.random, moments: pageMoments }
		});
		this.#forgetMoments = pageMoments((moment) => {
			if (moment !== 'leaving') for (const hot of this.#hotById.values()) hot.opened?.wake();
		});
	}

	get account(): string {
		return accountIdOf(this.deps.identity.certificate.account);
	}

	/** Connects the conversations used last and those in which something waits; listens for the others. */
	async start(recent: readonly string[]): Promise<void> {
		const { db } = this.deps.database;
		const waiting = new Set((await db.getAllKeys('journal')).map(([conversation]) => conversation));
		// Of what this account has left, nothing is to be heard; only the leaving itself may still have to go out.
		const records = await db.getAll('conversations');
		const all = records.filter(({ id, left }) => !left || waiting.has(id)).map(({ id }) => id);
		const order = [...new Set([...waiting, ...recent, ...all])].filter((id) => all.includes(id));
		for (const id of order.slice(0, hotLimit)) void this.#hot(id);
		for (const id of order.slice(hotLimit)) await this.#listen(id);
		this.#toVisit.push(...order.slice(hotLimit));
		this.#visitNext();
	}

	/** Fills an empty read model again from the documents: the newest segment of each conversation first. */
	async rebuild(): Promise<void> {
		const { database, events } = this.deps;
		const records = await database.db.getAll('conversations');
		const metas = await database.db.getAll('segments');
		const total = metas.reduce((sum, meta) => sum + meta.entries, 0);
		let done = 0;
		events.rebuilding({ done, total });
		const rounds = [...metas].sort((a, b) => b.segment - a.segment);
		const newestFirst = (id: string): number[] =>
			rounds.filter((meta) => meta.conversation === id && meta.segment > 0).map((meta) => meta.segment);
		const depth = Math.max(0, ...records.map(({ id }) => newestFirst(id).length));
		for (let round = 0; round < depth; round++) {
			for (const { id } of records) {
				const segment = newestFirst(id)[round];
				if (segment === undefined || this.#closed) continue;
				const hot = await this.#hot(id);
				await hot.conversation.project(segment);
				done += metas.find((meta) => meta.conversation === id && meta.segment === segment)?.entries ?? 0;
				events.rebuilding({ done, total });
			}
		}
		events.rebuilding(null);
	}

	/** Opens a conversation for a screen. Call `release` when it goes. */
	async open(id: string): Promise<HotConversation> {
		const opened = this.#hot(id);
		const hot = this.#hotById.get(id);
		if (hot !== undefined) hot.pins++;
		return opened;
	}

	release(id: string): void {
		const hot = this.#hotById.get(id);
		if (hot !== undefined) hot.pins--;
		void this.#cool();
	}

	async found(groupName: string): Promise<Result<string, JournalFailure>> {
		const { crypto, identity } = this.deps;
		const founding = await foundGroup(crypto, this.#author);
		const id = toBase64url(founding.identity.conversation);
		const kept = await this.#keep(founding.identity, groupName, 1, founding.controlLane);
		if (!kept.ok) return kept;
		const hot = await this.#hot(id);
		const written = await writeFounding(hot.conversation, founding.genesis, groupName, identity.name);
		return written.ok ? ok(id) : written;
	}

	async join(link: InviteLink): Promise<Result<string, ActFailure>> {
		const { crypto, database, identity } = this.deps;
		const id = toBase64url(link.conversation);
		const record = await database.db.get('conversations', id);
		if (record !== undefined) {
			const hot = await this.#hot(id);
			const self = hot.conversation.authority.memberByAccount.get(this.account);
			if (self?.removed === true) return this.#comeBackAnew(hot, id, link);
			const isStranger = hot.conversation.authority.founded && self === undefined;
			if (isStranger && link.expiresAtMs > this.deps.timers.now()) return this.#askAnew(hot, id, link);
			return record.left ? this.#comeBack(id, link) : ok(id);
		}
		const joining = await joiningIdentity(crypto, this.#author, link);
		const kept = await this.#keep(joining, link.groupName, Math.max(1, link.segment), null);
		if (!kept.ok) return kept;
		const hot = await this.#hot(id);
		const written = await writeJoin(crypto, hot.conversation, link, identity.name);
		return written.ok ? ok(id) : written;
	}

	/**
	 * The direct conversation with the holder of a certificate, made on this device if it is not there yet.
	 * @param other has been checked (checkDevice), and is of another account
	 * @param name of the other, until the conversation tells it
	 */
	async direct(
		other: DeviceCertificate,
		name: string
	): Promise<Result<string, JournalFailure | 'agreement-key'>> {
		const { crypto, database, identity } = this.deps;
		const begun = await beginDirect(crypto, this.#author, identity.agreementPrivateKey, other);
		if (!begun.ok) return begun;
		const id = toBase64url(begun.value.identity.conversation);
		if ((await database.db.get('conversations', id)) === undefined) {
			const kept = await this.#keep(begun.value.identity, name, 1, null);
			if (!kept.ok) return kept;
		}
		const hot = await this.#hot(id);
		const accounts = [sha256(identity.certificate.account), sha256(other.account)] as const;
		const written = await writeDirect(hot.conversation, accounts, identity.name);
		return written.ok ? ok(id) : written;
	}

	/** Somebody who is in a group that is open here, or waits to be let into it. */
	companion(account: string): Companion | null {
		for (const { opened } of this.#hotById.values()) {
			const found = opened === null ? null : companionIn(opened.conversation, account);
			if (found !== null) return found;
		}
		return null;
	}

	async say(id: string, text: string): Promise<Result<unknown, JournalFailure>> {
		return (await this.#hot(id)).conversation.write({ type: 'message', text });
	}

	/** Somebody has been blocked or let through again: their direct conversation is disconnected, or connected. */
	async silenced(id: string): Promise<void> {
		const hot = this.#hotById.get(id);
		if (hot !== undefined) (await hot.opening).lookWhetherOver();
	}

	/** Joins a group again that this device has left; its lanes and history are still there. */
	async #comeBack(id: string, link: InviteLink): Promise<Result<string, JournalFailure>> {
		const { crypto, database, identity } = this.deps;
		const hot = await this.#hot(id);
		const written = await writeJoin(crypto, hot.conversation, link, identity.name);
		if (!written.ok) return written;
		hot.connect();
		const kept = await database.updateConversation(id, (record) => ({ ...record, left: false }));
		return kept.ok ? ok(id) : kept;
	}

	/** Came by a link that did not let them in, or waits by one, and opens another. */
	async #askAnew(hot: HotConversation, id: string, link: InviteLink): Promise<Result<string, ActFailure>> {
		const { grant } = await joiningIdentity(this.deps.crypto, this.#author, link);
		const isSame = toBase64url(grant) === toBase64url(hot.identity.grant);
		return isSame ? ok(id) : this.#comeBackAnew(hot, id, link);
	}

	/** Joins a group again from which this account was removed. */
	async #comeBackAnew(
		hot: HotConversation,
		id: string,
		link: InviteLink
	): Promise<Result<string, ActFailure>> {
		const { crypto, database, identity } = this.deps;
		const joining = await joiningIdentity(crypto, this.#author, link);
		// By the same link one is the same member as before: removed.
		if (hot.conversation.authority.capsByGrant.has(toBase64url(joining.grant))) return fail('no-such-invite');
		this.#hotById.delete(id);
		await hot.close();
		const kept = await renewMembership(database, id, joining);
		if (!kept.ok) return kept;
		const anew = await this.#hot(id);
		const written = await writeJoin(crypto, anew.conversation, link, identity.name);
		if (!written.ok) return written;
		anew.connect();
		return ok(id);
	}

	/** The valid open link of a group: the last one while it lives long enough, else a new one. */
	async inviteLink(id: string): Promise<Result<{ fragment: string; expiresAtMs: number }, ActFailure>> {
		const { crypto, database, timers } = this.deps;
		const hot = await this.#hot(id);
		const record = await database.db.get('conversations', id);
		if (record === undefined) return fail('not-saved');
		const now = timers.now();
		const intents = this.intentsOn(hot.conversation);
		const terms = await intents.termsOfInviting();
		if (!terms.ok) return terms;
		const known = record.invite === null ? null : decodeInviteLink(record.invite.fragment);
		const isFresh =
			known?.ok === true &&
			known.value.expiresAtMs - now > inviteLifetimeMs - inviteReuseMs &&
			(await intents.stillInvites(known.value.seed, terms.value.approval));
		const link = isFresh
			? known
			: await invite(crypto, hot.conversation, now, { ...terms.value, kind: 'open' });
		// Whoever holds no epoch that they could give has not been let in yet.
		if (!link.ok) return link.reason === 'no-epoch' ? fail('not-a-member') : fail(link.reason);
		// The same invitation, under the name that the group has by now.
		const { newestSegment, authority } = hot.conversation;
		const current = { ...link.value, segment: newestSegment, groupName: authority.name };
		const made = { fragment: encodeInviteLink(current), expiresAtMs: current.expiresAtMs };
		const kept = await database.updateConversation(id, (row) => ({ ...row, invite: made }));
		return kept.ok ? ok(made) : kept;
	}

	/** A new link for one person. It is shown once and not kept. */
	async personalLink(id: string): Promise<Result<{ fragment: string; expiresAtMs: number }, ActFailure>> {
		const { crypto, timers } = this.deps;
		const { conversation } = await this.#hot(id);
		const terms = await this.intentsOn(conversation).termsOfInviting();
		if (!terms.ok) return terms;
		const personal = { ...terms.value, kind: 'personal' } as const;
		const link = await invite(crypto, conversation, timers.now(), personal);
		if (!link.ok) return link.reason === 'no-epoch' ? fail('not-a-member') : fail(link.reason);
		return ok({ fragment: encodeInviteLink(link.value), expiresAtMs: link.value.expiresAtMs });
	}

	/** Says the new name in every conversation. */
	async rename(name: string): Promise<Result<void, JournalFailure>> {
		for (const { id, left } of await this.deps.database.db.getAll('conversations')) {
			if (left) continue;
			const hot = await this.#hot(id);
			const written = await hot.conversation.write({ type: 'profile', name });
			if (!written.ok) return written;
		}
		return ok(undefined);
	}

	async leave(id: string): Promise<Result<void, JournalFailure>> {
		const hot = await this.#hot(id);
		// Whoever has agreed to take the group over gets it first: who has left cannot give it away.
		await this.#attend(this.intentsOn(hot.conversation));
		const written = await hot.conversation.write({ type: 'leave' });
		if (!written.ok) return written;
		return this.deps.database.updateConversation(id, (record) => ({ ...record, left: true }));
	}

	/** What this device may do to a group. */
	intentsOn(conversation: Conversation): GroupIntents {
		const { crypto, identity } = this.deps;
		return new GroupIntents(conversation, {
			crypto,
			accountSeed: identity.accountSeed
		});
	}

	/** A new owner has agreed, or somebody has come by a link for one person, perhaps while this device was away. */
	async #attend(intents: GroupIntents): Promise<void> {
		const done = await intents.completeTransfer();
		if (!done.ok) this.deps.log.note(`ownership was not handed over: ${done.reason}`);
		const admitted = await intents.admitNewcomers(this.deps.timers.now());
		if (!admitted.ok) this.deps.log.note(`a newcomer was not let in: ${admitted.reason}`);
	}

	/** What this person lets the others know has changed. */
	consentChanged(): void {
		for (const hot of this.hot) hot.consentChanged();
	}

	/** Hot conversations that are loaded, for diagnostics. */
	get hot(): readonly HotConversation[] {
		return [...this.#hotById.values()].flatMap(({ opened }) => (opened === null ? [] : [opened]));
	}

	async close(): Promise<void> {
		this.#closed = true;
		this.#cancelVisit();
		this.#forgetMoments();
		this.#doorbell.close();
		const all = [...this.#hotById.values()];
		this.#hotById.clear();
		await Promise.all(all.map(async ({ opening }) => (await opening).close()));
	}

	get #author(): Author {
		const { certificate, devicePrivateKey, agreementPrivateKey } = this.deps.identity;
		return { certificate, devicePrivateKey, agreementPrivateKey };
	}

	async #keep(
		identity: ConversationIdentity,
		name: string,
		newestSegmentHint: number,
		lane: OwnLane | null
	): Promise<Result<void, JournalFailure>> {
		const id = toBase64url(identity.conversation);
		const record: ConversationRecord = {
			id,
			epochSecret: identity.epoch.secret,
			epochKind: identity.epoch.kind,
			meeting: identity.meeting,
			inviteSeeds: identity.inviteSeeds,
			epochs: [],
			grant: identity.grant.slice() as Bytes,
			name,
			newestSegmentHint,
			createdTime: hlcOfMs(this.deps.timers.now()),
			left: false,
			invite: null,
			delivery: null,
			frontiers: [],
			relayComparedAtMs: []
		};
		return this.deps.database.strictWrite(['conversations', 'lanes'], (tx) => [
			tx.objectStore('conversations').put(record),
			...(lane === null ? [] : [tx.objectStore('lanes').put({ ...lane, conversation: id })])
		]);
	}

	// --- hot and cold ------------------------------------------------------------------------------------------

	#hot(id: string): Promise<HotConversation> {
		const known = this.#hotById.get(id);
		if (known !== undefined) {
			known.lastUse = ++this.#uses;
			return known.opening;
		}
		const hot: Hot = { opening: this.#load(id), opened: null, pins: 0, lastUse: ++this.#uses };
		this.#hotById.set(id, hot);
		void hot.opening.then(
			(opened) => {
				hot.opened = opened;
				const bell = this.#bellById.get(id);
				if (bell !== undefined) this.#doorbell.ignore([bell]);
				this.deps.events.changed(id);
				void this.#cool();
			},
			(error: unknown) => {
				this.#hotById.delete(id);
				this.deps.log.note(`a conversation could not be opened: ${String(error)}`);
			}
		);
		return hot.opening;
	}

	async #load(id: string): Promise<HotConversation> {
		const { database, store, log, events } = this.deps;
		const record = await database.db.get('conversations', id);
		if (record === undefined) throw new Error('there is no such conversation');
		const identity = this.#identityOf(record);
		this.#bellById.set(id, meetingOf(identity.conversation, identity.meeting).bell);
		const known = { name: record.name, createdTime: record.createdTime, left: record.left };
		const projector = new Projector(
			store,
			id,
			this.account,
			known,
			{
				arrived: (messages) => {
					const presence = this.#hotById.get(id)?.opened?.presence;
					for (const { author, sentAtMs } of messages) presence?.said(author, sentAtMs);
					events.arrived(id, messages);
				},
				stored: (messages) => {
					events.stored(id, messages);
					events.listed();
				},
				withdrawing: () => events.withdrawing(id),
				withdrawn: (ids) => events.withdrawn(id, ids),
				described: () => {
					events.described(id);
					events.listed();
				}
			},
			() => this.deps.timers.now()
		);
		await projector.describe();
		const cursors = await store.cursors(id);
		let intents: GroupIntents | null = null;
		const hot = await HotConversation.open(record, identity, cursors, this.#hotDeps, projector, {
			changed: () => events.changed(id),
			typing: (people) => events.typing(id, people),
			authority: (authority: Authority) => {
				this.deps.people.described(id, authority);
				if (authority.founded) events.standing(id, authority.memberByAccount.has(this.account));
				events.listed();
				if (intents !== null) void this.#attend(intents);
			}
		});
		intents = this.intentsOn(hot.conversation);
		this.deps.people.described(id, hot.conversation.authority);
		void this.#attend(intents);
		void this.#catchUp(hot, cursors, log);
		return hot;
	}

	/**
	 * Connects once the disk is loaded, then projects what the read model may lack: segments that were open when this
	 * device stopped, and those of which it has less than there is (after a power cut its newest commits may be gone).
	 */
	async #catchUp(hot: HotConversation, cursors: readonly CursorRow[], log: EventLog): Promise<void> {
		try {
			const unclean = await hot.documents.unclean();
			const metas = await hot.documents.metas();
			await hot.conversation.warm();
			hot.connect();
			// A read model that is being made anew gets everything anyway.
			const behind = this.deps.rebuilds
				? []
				: metas.filter((meta) => projectedIn(cursors, meta.segment) < meta.entries);
			const segments = new Set([...unclean, ...behind.map(({ segment }) => segment)]);
			for (const segment of segments) {
				if (segment !== controlSegment && segment !== hot.conversation.newestSegment)
					await hot.conversation.project(segment);
			}
		} catch (error) {
			log.note(`a conversation could not be loaded to the end: ${String(error)}`);
			hot.connect();
		}
	}

	get #hotDeps(): HotConversationDeps {
		const { crypto, database, log, timers, random, signalling, relay, iceServers, consent } = this.deps;
		const ring = (topic: string): void => this.#doorbell.ring(topic);
		const { isSilent } = this.deps.people;
		return { crypto, database, log, timers, random, signalling, relay, iceServers, consent, ring, isSilent };
	}

	#identityOf(record: ConversationRecord): ConversationIdentity {
		const conversation = fromBase64url(record.id);
		if (!conversation.ok) throw new Error('a conversation is kept under a broken id');
		const { epochSecret, epochKind, meeting, inviteSeeds, grant } = record;
		return {
			conversation: conversation.value,
			epoch: { secret: epochSecret, kind: epochKind ?? 'secret' },
			meeting: meeting ?? meetingSecretOf(conversation.value, epochSecret),
			inviteSeeds: inviteSeeds ?? [],
			grant,
			...this.#author
		};
	}

	async #cool(): Promise<void> {
		const cold = [...this.#hotById]
			.filter(
				([, { opened, pins }]) =>
					opened !== null && pins === 0 && opened.conversation.waiting().messages === 0
			)
			.sort(([, a], [, b]) => b.lastUse - a.lastUse);
		const kept = this.#hotById.size - cold.length;
		for (const [id, { opened }] of cold.slice(Math.max(0, hotLimit - kept))) {
			this.#hotById.delete(id);
			await opened?.close();
			await this.#listen(id);
		}
	}

	async #listen(id: string): Promise<void> {
		if (!this.#bellById.has(id)) {
			const record = await this.deps.database.db.get('conversations', id);
			if (record === undefined) return;
			const { conversation, meeting } = this.#identityOf(record);
			this.#bellById.set(id, meetingOf(conversation, meeting).bell);
		}
		const bell = this.#bellById.get(id);
		if (bell !== undefined && !this.#hotById.has(id)) this.#doorbell.listen([bell]);
	}

	#rung(topic: string): void {
		for (const [id, bell] of this.#bellById) if (bell === topic && !this.#hotById.has(id)) void this.#hot(id);
	}

	/** Cold conversations are looked into one after the other: a ring may have been missed. */
	#visitNext(): void {
		const id = this.#toVisit.shift();
		if (id === undefined || this.#closed) return;
		void this.#hot(id);
		this.#cancelVisit = this.deps.timers.after(visitMs, () => this.#visitNext());
	}

	/** Removes a conversation and its documents from this device. */
	async forget(id: string): Promise<void> {
		const { database, store } = this.deps;
		const hot = this.#hotById.get(id);
		this.#hotById.delete(id);
		await (await hot?.opening)?.close();
		await forgetConversation(id, database, store);
	}
}
