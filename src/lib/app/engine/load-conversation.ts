/** How a conversation becomes hot: its record and what the read model has of it, its documents, then the network. */
import type { Author } from '$lib/conversation/founding';
import type { Authority } from '$lib/conversation/authority';
import type { Conversation } from '$lib/conversation/conversation';
import { greetingsIn } from '$lib/conversation/greetings';
import { clockToleranceMs, hlcOfMs } from '$lib/protocol/clock';
import { controlSegment } from '$lib/protocol/ids';
import { fail } from '$lib/protocol/result';
import type { CursorRow } from '$lib/store/types';
import type { ConversationPresence } from '../presence';
import type { GroupIntents } from '../group-intents';
import { LateWords } from '../late-words';
import type { HotConversationDeps } from '../hot/hot-contract';
import { HotConversation } from '../hot/hot-conversation';
import { Projector } from '../projector';
import type { EngineDeps } from './engine-contract';
import { identityOf } from './kept-conversation';

export interface LoadingDeps {
	readonly engine: EngineDeps;
	/** Own account id. */
	readonly account: string;
	readonly author: Author;
	/** Of a conversation that is loaded. */
	presenceOf(id: string): ConversationPresence | undefined;
	/** Rings those whose devices keep a conversation cold. */
	ring(topic: string): void;
	intentsOn(conversation: HotConversation['conversation']): GroupIntents;
	/** Something may be for this device to do in a group. */
	attend(intents: GroupIntents): Promise<void>;
}

/**
 * Loads a conversation; it is connected soon after.
 * @throws Error if it is not kept on this device
 */
export async function loadConversation(id: string, deps: LoadingDeps): Promise<HotConversation> {
	const { database, store, events, people } = deps.engine;
	const record = await database.db.get('conversations', id);
	if (record === undefined) throw new Error('there is no such conversation');
	const known = { name: record.name, createdTime: record.createdTime, left: record.left };
	let loaded: HotConversation | null = null;
	const late = new LateWords({
		store,
		conversation: id,
		maySay: () => loaded?.conversation.authority.memberByAccount.get(deps.account)?.left === false,
		remove: async (entries) =>
			loaded === null ? fail('not-loaded') : loaded.conversation.delete(deps.account, entries),
		note: (text) => deps.engine.log.note(text)
	});
	const projector = projectorOf(id, known, deps, late);
	await projector.describe();
	const cursors = await store.cursors(id);
	let intents: GroupIntents | null = null;
	const identity = identityOf(record, deps.author);
	const hot = await HotConversation.open(record, identity, cursors, hotDepsOf(deps), projector, {
		changed: () => events.changed(id),
		typing: (typing) => events.typing(id, typing),
		copied: () => events.copied(),
		authority: (authority: Authority) => {
			people.described(id, authority);
			if (authority.founded) events.standing(id, authority.memberByAccount.has(deps.account));
			events.listed();
			events.pictured(id, authority.picture);
			if (intents !== null) {
				void deps.attend(intents);
				hear(intents.conversation, deps.engine);
			}
		}
	});
	loaded = hot;
	void late.look();
	intents = deps.intentsOn(hot.conversation);
	const { authority } = hot.conversation;
	people.described(id, authority);
	if (authority.founded) events.pictured(id, authority.picture);
	void deps.attend(intents);
	hear(hot.conversation, deps.engine);
	void catchUp(hot, cursors, deps.engine);
	return hot;
}

/** Somebody in the group may have written to this person for the first time. */
function hear(conversation: Conversation, { people, timers }: EngineDeps): void {
	const greetings = greetingsIn(conversation, hlcOfMs(timers.now() + clockToleranceMs));
	if (greetings.length > 0) people.greeted({ group: conversation.identity.conversation, greetings });
}

function projectorOf(id: string, known: Projector['known'], deps: LoadingDeps, late: LateWords): Projector {
	const { store, events, timers } = deps.engine;
	return new Projector(
		store,
		id,
		deps.account,
		known,
		{
			arrived: (messages) => {
				const presence = deps.presenceOf(id);
				for (const { author, sentAtMs } of messages) presence?.said(author, sentAtMs);
				events.arrived(id, messages);
			},
			stored: (messages) => events.stored(id, messages),
			touched: () => events.touched(id),
			reworded: () => void late.look(),
			withdrawing: () => events.withdrawing(id),
			withdrawn: (ids) => events.withdrawn(id, ids),
			described: () => events.described(id),
			listed: () => events.listed()
		},
		() => timers.now()
	);
}

function hotDepsOf({ engine, ring }: LoadingDeps): HotConversationDeps {
	const { people } = engine;
	return { ...engine, ring, isSilent: (id) => people.isSilent(id) };
}

const projectedIn = (cursors: readonly CursorRow[], segment: number): number =>
	cursors.filter((cursor) => cursor.segment === segment).reduce((sum, { next }) => sum + next, 0);

/**
 * Connects once the disk is loaded, then projects what the read model may lack: segments that were open when this
 * device stopped, and those of which it has less than there is (after a power cut its newest commits may be gone).
 */
async function catchUp(
	hot: HotConversation,
	cursors: readonly CursorRow[],
	{ log, rebuilds }: EngineDeps
): Promise<void> {
	try {
		const unclean = await hot.documents.unclean();
		const metas = await hot.documents.metas();
		await hot.conversation.warm();
		hot.connect();
		// A read model that is being made anew gets everything anyway.
		const behind = rebuilds ? [] : metas.filter((meta) => projectedIn(cursors, meta.segment) < meta.entries);
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
