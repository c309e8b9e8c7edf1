/** The marks of one person, as they are merged and asked for. Pure. */
import { foreverMs, markKey, newerMark, type MarkKind, type MarkRow } from '../../identity/marks';
import type { MessageRow } from '../../store/types';
import type { ConversationMarks } from '../marks-contract';

const kindsOfConversation = ['muted', 'pinned', 'archived', 'unread', 'cleared', 'vanishing'] as const;

export class MarkTable {
	readonly #rowByKey = new Map<string, MarkRow>();

	/** @returns the rows that hold now and did not before */
	merge(rows: readonly MarkRow[]): readonly MarkRow[] {
		return rows.filter((row) => {
			const key = markKey(row);
			const known = this.#rowByKey.get(key);
			const newer = known === undefined ? row : newerMark(known, row);
			if (newer === known) return false;
			this.#rowByKey.set(key, newer);
			return true;
		});
	}

	get rows(): readonly MarkRow[] {
		return [...this.#rowByKey.values()];
	}

	/** A row that holds from now on, whatever the clock says. */
	rowToSet(kind: MarkKind, conversation: string, message: string, value: number, nowMs: number): MarkRow {
		const known = this.#rowByKey.get(markKey({ kind, conversation, message }));
		return { kind, conversation, message, value, setAtMs: Math.max(nowMs, (known?.setAtMs ?? 0) + 1) };
	}

	forget(conversation: string): void {
		for (const [key, row] of this.#rowByKey)
			if (row.conversation === conversation) this.#rowByKey.delete(key);
	}

	value(kind: MarkKind, conversation: string, message = ''): number {
		return this.#rowByKey.get(markKey({ kind, conversation, message }))?.value ?? 0;
	}

	of(conversation: string, nowMs: number): ConversationMarks {
		const [muted = 0, pinnedAtMs = 0, archivedTime = 0, unreadTime = 0, clearedTime = 0, vanishingS = 0] =
			kindsOfConversation.map((kind) => this.value(kind, conversation));
		const mutedUntilMs = muted > nowMs ? muted : 0;
		return { mutedUntilMs, pinnedAtMs, archivedTime, unreadTime, clearedTime, vanishingS };
	}

	/** Not to be shown, nor kept in the read model. */
	isTaken({ conversation, id, time }: Pick<MessageRow, 'conversation' | 'id' | 'time'>): boolean {
		return time <= this.value('cleared', conversation) || this.value('hidden', conversation, id) > 0;
	}

	/** Starred messages, the newest said first. */
	starred(): readonly MarkRow[] {
		return [...this.#rowByKey.values()]
			.filter(({ kind, value }) => kind === 'starred' && value > 0)
			.sort((a, b) => b.value - a.value || (a.message < b.message ? 1 : -1));
	}

	/** When (ms) the next mute ends; null if none does. */
	nextUnmuteMs(nowMs: number): number | null {
		const ends = [...this.#rowByKey.values()].flatMap(({ kind, value }) =>
			kind === 'muted' && value > nowMs && value < foreverMs ? [value] : []
		);
		return ends.length === 0 ? null : Math.min(...ends);
	}
}
