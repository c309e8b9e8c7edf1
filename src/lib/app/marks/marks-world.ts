/** What a person's marks bring about: in the device database, in the read model, and on the screens. */
import type { JournalFailure } from '$lib/conversation/ports';
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { MarkRow } from '$lib/identity/marks';
import { fail, type Result } from '$lib/protocol/result';
import type { MessageRow, Position, Store } from '$lib/store/types';
import type { ConversationSummary, StarredMessage } from '../contract';
import { byConversation } from './by-conversation';
import type { MarksWorld } from './marks.svelte';

export interface MarksWorldDeps {
	/** Null while another tab is the active one. */
	session(): { readonly database: DeviceDatabase; readonly store: Store } | null;
	/** Messages later than that are not shown (HLC). */
	dueTime(): number;
	summary(conversation: string): ConversationSummary | undefined;
	/** As the author is called here. */
	nameOf(account: string, claimed: string): string;
	/** What stands outside of the read model goes first, so that no start shows it again. */
	withdrawing(conversation: string): Promise<void>;
	/** Screens show these no more, and look again. */
	withdrawn(conversation: string, ids: readonly string[]): void;
	/** The newest message has been seen: say so to whoever may know. */
	read(conversation: string, position: Position): Promise<void>;
	relist(): void;
}

/** More than can stand ahead of the clock. */
const aheadLimit = 200;

export class OwnMarksWorld implements MarksWorld {
	constructor(readonly deps: MarksWorldDeps) {}

	async write(rows: readonly MarkRow[]): Promise<Result<void, JournalFailure>> {
		const session = this.deps.session();
		if (session === null) return fail('fenced');
		return session.database.strictWrite(['marks'], (tx) =>
			rows.map((row) => tx.objectStore('marks').put(row))
		);
	}

	async hidden(messages: readonly MessageRow[]): Promise<void> {
		for (const [conversation, gone] of byConversation(messages)) {
			const ids = gone.map(({ id }) => id);
			await this.deps.withdrawing(conversation);
			await this.deps.session()?.store.apply({ erased: ids.map((id) => ({ conversation, id })) });
			this.deps.withdrawn(conversation, ids);
		}
		this.deps.relist();
	}

	async cleared(conversation: string, upTo: number): Promise<readonly MessageRow[]> {
		const store = this.deps.session()?.store;
		await this.deps.withdrawing(conversation);
		await store?.apply({ cleared: [{ conversation, until: lastPlaceOf(upTo) }] });
		this.deps.withdrawn(conversation, []);
		this.deps.relist();
		const anchor = { at: 'after', position: lastPlaceOf(upTo) } as const;
		const query = { conversation, anchor, limit: aheadLimit, dueTime: this.deps.dueTime() };
		return (await store?.page(query))?.messages ?? [];
	}

	async read(conversation: string): Promise<void> {
		const newest = this.deps.summary(conversation)?.last;
		if (newest !== null && newest !== undefined) await this.deps.read(conversation, newest.position);
	}

	async messages(marks: readonly MarkRow[]): Promise<readonly StarredMessage[]> {
		const store = this.deps.session()?.store;
		if (store === undefined) return [];
		const found = await Promise.all(
			[...byConversation(marks)].map(async ([conversation, starred]) => {
				const ids = starred.map(({ message }) => message);
				const [messages, members] = await Promise.all([
					store.messages({ conversation, ids, dueTime: this.deps.dueTime() }),
					store.members(conversation)
				]);
				const claimed = new Map(members.map(({ account, name }) => [account, name]));
				return messages.map((message): StarredMessage => {
					const { author } = message;
					return { message, authorName: this.deps.nameOf(author, claimed.get(author) ?? '') };
				});
			})
		);
		return found.flat().sort((a, b) => byPosition(b.message, a.message));
	}
}

/** After all that can stand at this time: ids are base64url. */
const lastPlaceOf = (time: number): Position => ({ time, id: '~' });

const byPosition = (a: Position, b: Position): number => a.time - b.time || (a.id < b.id ? -1 : 1);

/** A read model that was made anew has to know what is not to come back. */
export async function tellTaken(store: Store, rows: readonly MarkRow[]): Promise<void> {
	const standing = rows.filter(({ value }) => value > 0);
	const of = (kind: MarkRow['kind']): readonly MarkRow[] => standing.filter((row) => row.kind === kind);
	const cleared = of('cleared').map(({ conversation, value }) => ({
		conversation,
		until: lastPlaceOf(value)
	}));
	const erased = of('hidden').map(({ conversation, message: id }) => ({ conversation, id }));
	if (cleared.length + erased.length > 0) await store.apply({ cleared, erased });
}
