/** Writes what a conversation's fold finds into the read model, and tells who is looking. */
import type { Authority } from '$lib/conversation/authority';
import type {
	LaneCursor,
	ProjectedAct,
	ProjectedDeletion,
	ProjectedMessage,
	Projection
} from '$lib/conversation/ports';
import { msOfHlc } from '$lib/protocol/clock';
import { asSaid } from '$lib/store/as-said';
import type { MemberRow, MessageRow, Store } from '$lib/store/types';
import { actRow, againRow, messageRow } from './said-rows';

/** So many at once are a talk; more are history, which can be seen when it is stored. */
const liveMessages = 8;
/** So long after history has come, what comes may be the rest of it. */
const historyRestMs = 5_000;

export interface ProjectorEvents {
	/** Few rows that are on their way into the read model. */
	arrived(messages: readonly MessageRow[]): void;
	/** Rows that have just become part of the read model. */
	stored(messages: readonly MessageRow[]): void;
	/** Acts on messages, which may be known here or not, have become part of the read model. */
	touched(): void;
	/** This account has worded something anew, or something is deleted: there may be words of what is deleted. */
	reworded(): void;
	/** What stands outside of the read model goes first, so that nothing shows it again. */
	withdrawing(): Promise<void>;
	withdrawn(ids: readonly string[]): void;
	/** The conversation's row or its members have changed. */
	described(): void;
	/** What the list says of the conversation, its newest words among it, has to be read again. */
	listed(): void;
}

export class Projector implements Projection {
	#historyAtMs = -Infinity;

	constructor(
		readonly store: Store,
		readonly conversation: string,
		readonly account: string,
		/** Name and state as long as the fold does not know them. */
		readonly known: { name: string; createdTime: number; left: boolean },
		readonly events: ProjectorEvents,
		/** Monotonic. */
		readonly nowMs: () => number
	) {}

	async messages(
		messages: readonly ProjectedMessage[],
		cursors: readonly LaneCursor[],
		acts: readonly ProjectedAct[]
	): Promise<void> {
		const { conversation } = this;
		const rows = messages.map((message) => messageRow(message, this));
		const isTalk = rows.length <= liveMessages;
		if (!isTalk) this.#historyAtMs = this.nowMs();
		if (rows.length > 0 && isTalk) this.events.arrived(rows.map(asSaid));
		await this.store.apply({
			messages: rows,
			acts: acts.flatMap((act) => actRow(act, this) ?? []),
			again: acts.flatMap((act) => againRow(act, this) ?? []),
			news: isTalk && this.nowMs() - this.#historyAtMs > historyRestMs,
			cursors: cursors.map((cursor) => ({ conversation, ...cursor }))
		});
		if (rows.length > 0) this.events.stored(rows.map(asSaid));
		if (acts.length > 0) this.events.touched();
		if (rows.length > 0 || acts.length > 0) this.events.listed();
		const isOwnWord = ({ account, kind }: ProjectedAct): boolean =>
			account === this.account && (kind === 'edit' || kind === 'again');
		if (acts.some(isOwnWord)) this.events.reworded();
	}

	async withdrawn(ids: readonly string[], from?: LaneCursor): Promise<void> {
		const { conversation } = this;
		await this.events.withdrawing();
		await this.store.apply({
			withdrawn: ids.map((id) => ({ conversation, id })),
			retracted: from === undefined ? [] : [{ conversation, ...from }]
		});
		this.#gone(ids);
	}

	async deleted(deletions: readonly ProjectedDeletion[]): Promise<void> {
		const { conversation } = this;
		await this.events.withdrawing();
		await this.store.apply({
			deleted: deletions.map(({ hlc, ...deletion }) => ({ conversation, ...deletion, atMs: msOfHlc(hlc) }))
		});
		this.#gone([]);
		this.events.reworded();
	}

	async authority(authority: Authority): Promise<void> {
		const { conversation } = this;
		if (authority.founded) {
			this.known.name = authority.name || this.known.name;
			this.known.left = authority.memberByAccount.get(this.account)?.left ?? this.known.left;
		}
		const members = [...authority.memberByAccount.values()].map((member): MemberRow => ({
			conversation,
			account: member.account,
			name: member.name,
			role: member.role,
			left: member.left,
			self: member.account === this.account
		}));
		await this.describe(members);
	}

	/** Writes the conversation's own row, so that it is in the list before anything is known of it. */
	async describe(members: readonly MemberRow[] = []): Promise<void> {
		const { name, createdTime, left } = this.known;
		await this.store.apply({ conversations: [{ id: this.conversation, name, createdTime, left }], members });
		this.events.described();
		this.events.listed();
	}

	/** A list that was read before would go on quoting it, and be kept for the next start. */
	#gone(ids: readonly string[]): void {
		this.events.withdrawn(ids);
		this.events.listed();
	}
}
