/**
 * Everything behind the screens once there is an account: which conversations there are, how they begin and end. Loaded
 * after first paint; brings Yjs and the network with it.
 */
import type { ActRefusal } from '$lib/conversation/acts/right';
import { mayPost } from '$lib/conversation/authority';
import type { Conversation } from '$lib/conversation/conversation';
import { addressOf } from '$lib/conversation/greetings';
import type { JournalFailure } from '$lib/conversation/ports';
import type { DeviceCertificate } from '$lib/protocol/certificates';
import { sha256 } from '$lib/protocol/crypto';
import { sealGreeting } from '$lib/protocol/greeting';
import { accountIdOf } from '$lib/protocol/ids';
import type { InviteLink } from '$lib/protocol/invite-link';
import { meetingOf } from '$lib/protocol/meeting';
import { fail, ok, type Result } from '$lib/protocol/result';
import { pageMoments } from '$lib/replicas/swarm/page-moments';
import { dialWebSocket, SignallingTopics } from '$lib/replicas/swarm/signalling-topics';
import type { SaidPlace } from '$lib/store/types';
import { companionIn, type Companion } from '../contacts/companions';
import { GroupIntents, type ActFailure } from '../group-intents';
import type { HotConversation } from '../hot/hot-conversation';
import { Beginnings } from './beginnings';
import type { EngineDeps } from './engine-contract';
import { forgetConversation } from './forget-conversation';
import { HotSet } from './hot-set';
import { InviteLinks, type MadeLink } from './invite-links';
import { authorOf, identityOf } from './kept-conversation';
import { loadConversation, type LoadingDeps } from './load-conversation';
import { rebuildReadModel } from './rebuild';

export class Engine {
	/** For what is said on the signalling server outside of the rooms of conversations. */
	readonly topics: SignallingTopics;
	readonly #conversations: HotSet;
	readonly #beginnings: Beginnings;
	readonly #links: InviteLinks;

	constructor(readonly deps: EngineDeps) {
		const { signalling, timers, random, log, events } = deps;
		this.topics = new SignallingTopics(signalling, {
			dial: dialWebSocket,
			timers,
			random,
			moments: pageMoments
		});
		const loading: LoadingDeps = {
			engine: deps,
			account: this.account,
			author: authorOf(deps.identity),
			presenceOf: (id) => this.#conversations.openedOf(id)?.presence,
			ring: (topic) => this.#conversations.ring(topic),
			intentsOn: (conversation) => this.intentsOn(conversation),
			attend: (intents) => this.#attend(intents)
		};
		this.#conversations = new HotSet({
			topics: this.topics,
			timers,
			random,
			load: (id) => loadConversation(id, loading),
			bellOf: (id) => this.#bellOf(id),
			opened: (id) => events.changed(id),
			failed: (error) => log.note(`a conversation could not be opened: ${String(error)}`)
		});
		this.#beginnings = new Beginnings(deps, this.#conversations);
		this.#links = new InviteLinks(deps, this.#conversations, (conversation) => this.intentsOn(conversation));
	}

	get account(): string {
		return accountIdOf(this.deps.identity.certificate.account);
	}

	/** Hot conversations that are loaded. */
	get hot(): readonly HotConversation[] {
		return this.#conversations.opened;
	}

	/** Connects the conversations used last and those in which something waits; listens for the others. */
	async start(recent: readonly string[]): Promise<void> {
		const { db } = this.deps.database;
		const waiting = new Set((await db.getAllKeys('journal')).map(([conversation]) => conversation));
		// Of what this account has left, nothing is to be heard; only the leaving itself may still have to go out.
		const records = await db.getAll('conversations');
		const all = records.filter(({ id, left }) => !left || waiting.has(id)).map(({ id }) => id);
		const order = [...new Set([...waiting, ...recent, ...all])].filter((id) => all.includes(id));
		await this.#conversations.start(order);
	}

	/** Fills an empty read model again from the documents. */
	rebuild(): Promise<void> {
		return rebuildReadModel(this.deps, this.#conversations);
	}

	async close(): Promise<void> {
		await this.#conversations.close();
		this.topics.close();
	}

	// --- conversations that begin -------------------------------------------------------------------------------

	/** @returns the id of the new group */
	found(groupName: string): Promise<Result<string, JournalFailure>> {
		return this.#beginnings.found(groupName);
	}

	join(link: InviteLink): Promise<Result<string, ActFailure>> {
		return this.#beginnings.join(link);
	}

	/** The direct conversation with the holder of a certificate that has been checked; made if it is not there. */
	direct(other: DeviceCertificate, name: string): ReturnType<Beginnings['direct']> {
		return this.#beginnings.direct(other, name);
	}

	/** The valid open link of a group. */
	inviteLink(id: string): Promise<Result<MadeLink, ActFailure>> {
		return this.#links.open(id);
	}

	/** A new link for one person. It is shown once and not kept. */
	personalLink(id: string): Promise<Result<MadeLink, ActFailure>> {
		return this.#links.personal(id);
	}

	// --- conversations that are there ---------------------------------------------------------------------------

	/** Opens a conversation for a screen. Call `release` when it goes. */
	open(id: string): Promise<HotConversation> {
		return this.#conversations.pin(id);
	}

	release(id: string): void {
		this.#conversations.release(id);
	}

	/** What this device may do to a group. */
	intentsOn(conversation: Conversation): GroupIntents {
		const { crypto, identity } = this.deps;
		return new GroupIntents(conversation, { crypto, accountSeed: identity.accountSeed });
	}

	/** @param draft key of the draft that this says, if it is one; taken out in the same transaction */
	async say(id: string, text: string, draft?: string): Promise<Result<unknown, JournalFailure>> {
		const { conversation } = await this.#conversations.heat(id);
		return conversation.write({ type: 'message', text }, undefined, draft === undefined ? {} : { draft });
	}

	/** Says in a conversation what was said in another one. @returns 'may-not-post' where this person may not write */
	async forward(id: string, text: string): Promise<Result<void, JournalFailure | 'may-not-post'>> {
		const { conversation } = await this.open(id);
		try {
			if (!mayPost(conversation.authority, conversation.account)) return fail('may-not-post');
			const written = await conversation.write({ type: 'message', text, forwarded: true });
			return written.ok ? ok(undefined) : written;
		} finally {
			this.release(id);
		}
	}

	/** Deletes for everyone what this person has said. @param entries see Conversation.delete */
	async deleteOwn(
		id: string,
		entries: readonly SaidPlace[]
	): Promise<Result<void, ActRefusal | JournalFailure>> {
		const { conversation } = await this.open(id);
		try {
			return await conversation.delete(conversation.account, entries);
		} finally {
			this.release(id);
		}
	}

	/** Where first words to a member of a group go; null if they are not there, or the group is not here. */
	async member(
		group: string,
		account: string
	): Promise<{ readonly certificate: DeviceCertificate; readonly name: string } | null> {
		if ((await this.deps.database.db.get('conversations', group)) === undefined) return null;
		const { conversation } = await this.#conversations.heat(group);
		const certificate = addressOf(conversation, account);
		const name = conversation.authority.memberByAccount.get(account)?.name ?? '';
		return certificate === null ? null : { certificate, name };
	}

	/** Says first words to a member of a group within it. @param text 1 … greetingTextLimitBytes @param draft see `say` */
	async greet(
		group: string,
		to: DeviceCertificate,
		text: string,
		draft: string
	): Promise<Result<unknown, JournalFailure | 'agreement-key'>> {
		const { conversation } = await this.#conversations.heat(group);
		const place = {
			group: conversation.identity.conversation,
			from: sha256(this.deps.identity.certificate.account)
		};
		const greeting = await sealGreeting(place, to.agreement, text);
		return greeting.ok ? conversation.write(greeting.value, undefined, { draft }) : greeting;
	}

	/** Somebody who is in a group that is open here, or waits to be let into it. */
	companion(account: string): Companion | null {
		for (const { conversation } of this.hot) {
			const found = companionIn(conversation, account);
			if (found !== null) return found;
		}
		return null;
	}

	/** Somebody has been blocked or let through again: their direct conversation is disconnected, or connected. */
	async silenced(id: string): Promise<void> {
		(await this.#conversations.hotOf(id))?.lookWhetherOver();
	}

	/** What this person lets the others know has changed. */
	consentChanged(): void {
		for (const hot of this.hot) hot.consentChanged();
	}

	/** Says the new name in every conversation. */
	async rename(name: string): Promise<Result<void, JournalFailure>> {
		for (const { id, left } of await this.deps.database.db.getAll('conversations')) {
			if (left) continue;
			const hot = await this.#conversations.heat(id);
			const written = await hot.conversation.write({ type: 'profile', name });
			if (!written.ok) return written;
		}
		return ok(undefined);
	}

	async leave(id: string): Promise<Result<void, JournalFailure>> {
		const hot = await this.#conversations.heat(id);
		// Whoever has agreed to take the group over gets it first: who has left cannot give it away.
		await this.#attend(this.intentsOn(hot.conversation));
		const written = await hot.conversation.write({ type: 'leave' });
		if (!written.ok) return written;
		return this.deps.database.updateConversation(id, (record) => ({ ...record, left: true }));
	}

	/** Removes a conversation and its documents from this device. */
	async forget(id: string): Promise<void> {
		const { database, store } = this.deps;
		await this.#conversations.drop(id);
		await forgetConversation(id, database, store);
	}

	/** A new owner has agreed, or somebody has come by a link for one person, perhaps while this device was away. */
	async #attend(intents: GroupIntents): Promise<void> {
		const done = await intents.completeTransfer();
		if (!done.ok) this.deps.log.note(`ownership was not handed over: ${done.reason}`);
		const admitted = await intents.admitNewcomers(this.deps.timers.now());
		if (!admitted.ok) this.deps.log.note(`a newcomer was not let in: ${admitted.reason}`);
	}

	async #bellOf(id: string): Promise<string | null> {
		const record = await this.deps.database.db.get('conversations', id);
		if (record === undefined) return null;
		const { conversation, meeting } = identityOf(record, authorOf(this.deps.identity));
		return meetingOf(conversation, meeting).bell;
	}
}
