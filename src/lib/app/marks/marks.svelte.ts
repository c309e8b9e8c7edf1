/** A person's own marks: read from the device database before the first paint, kept there, and seen by the screens. */
import type { JournalFailure } from '../../conversation/ports';
import type { MarkKind, MarkRow } from '../../identity/marks';
import type { Timers } from '../../link/timers';
import { hlcOfMs } from '../../protocol/clock';
import { fail, ok, type Result } from '../../protocol/result';
import type { MessageRow, Position } from '../../store/types';
import type { ConversationMarks, MarksView, Problem, StarredMessage } from '../contract';
import { MarkTable } from './mark-table';

/** What the marks have to do with conversations and the read model. */
export interface MarksWorld {
	/** Resolves when they are kept. */
	write(rows: readonly MarkRow[]): Promise<Result<void, JournalFailure>>;
	/** These are to be seen no more, nor kept in the read model. */
	hidden(messages: readonly MessageRow[]): Promise<void>;
	/** As all of this conversation up to an effective time. @returns what is shown though its time is to come */
	cleared(conversation: string, upTo: number): Promise<readonly MessageRow[]>;
	/** All that is there has been read. */
	read(conversation: string): Promise<void>;
	messages(marks: readonly MarkRow[]): Promise<readonly StarredMessage[]>;
}

const starredLimit = 500;

export class Marks implements MarksView {
	#table = new MarkTable();
	/** What is read from the table is read anew when this changes. */
	#version = $state(0);
	#nowMs = $state(0);
	#cancelUnmute: () => void = () => undefined;

	constructor(
		readonly timers: Timers,
		readonly world: MarksWorld
	) {
		this.#nowMs = timers.now();
	}

	/** Those of this device. Replaces what was known: another tab may have changed them meanwhile. */
	load(rows: readonly MarkRow[]): void {
		this.#table = new MarkTable();
		this.#table.merge(rows);
		this.#look();
	}

	/** All of them, for a read model that was made anew. */
	get rows(): readonly MarkRow[] {
		return this.#table.rows;
	}

	/** Mutes may have run out while the page slept. */
	wake(): void {
		this.#look();
	}

	of(conversation: string): ConversationMarks {
		void this.#version;
		return this.#table.of(conversation, this.#nowMs);
	}

	isMuted(conversation: string): boolean {
		return this.of(conversation).mutedUntilMs > 0;
	}

	isArchived(conversation: string, lastTime: number | null): boolean {
		const { archivedTime, mutedUntilMs } = this.of(conversation);
		return archivedTime > 0 && (mutedUntilMs > 0 || lastTime === null || lastTime <= archivedTime);
	}

	isStarred({ conversation, id }: Pick<MessageRow, 'conversation' | 'id'>): boolean {
		void this.#version;
		return this.#table.value('starred', conversation, id) > 0;
	}

	/** Not to be shown, nor kept in the read model. Not reactive: what is taken leaves the screen when it is said. */
	isTaken(message: Pick<MessageRow, 'conversation' | 'id' | 'time' | 'expiresAtMs'>): boolean {
		const isOver = message.expiresAtMs !== null && message.expiresAtMs <= this.timers.now();
		return isOver || this.#table.isTaken(message);
	}

	mute(conversation: string, untilMs: number): Promise<Result<void, Problem>> {
		return this.#set('muted', conversation, untilMs);
	}

	setPinned(conversation: string, pinned: boolean): Promise<Result<void, Problem>> {
		return this.#set('pinned', conversation, pinned ? this.timers.now() : 0);
	}

	setArchived(
		conversation: string,
		archived: boolean,
		lastTime: number | null
	): Promise<Result<void, Problem>> {
		const now = Math.max(hlcOfMs(this.timers.now()), lastTime ?? 0);
		return this.#set('archived', conversation, archived ? now : 0);
	}

	markUnread(conversation: string, from: Position | null): Promise<Result<void, Problem>> {
		return this.#set('unread', conversation, from?.time ?? hlcOfMs(this.timers.now()));
	}

	async markSeen(conversation: string): Promise<Result<void, Problem>> {
		return this.#table.value('unread', conversation) === 0
			? ok(undefined)
			: this.#set('unread', conversation, 0);
	}

	setVanishing(conversation: string, afterS: number): Promise<Result<void, Problem>> {
		return this.#set('vanishing', conversation, afterS);
	}

	async markRead(conversation: string): Promise<Result<void, Problem>> {
		await this.world.read(conversation);
		return this.markSeen(conversation);
	}

	star({ conversation, id, time }: MessageRow, starred: boolean): Promise<Result<void, Problem>> {
		return this.#set('starred', conversation, starred ? time : 0, id);
	}

	starred(): Promise<readonly StarredMessage[]> {
		return this.world.messages(this.#table.starred().slice(0, starredLimit));
	}

	async hide(messages: readonly MessageRow[]): Promise<Result<void, Problem>> {
		const now = this.timers.now();
		const rows = messages.flatMap(({ conversation, id }) => [
			this.#table.rowToSet('hidden', conversation, id, 1, now),
			// What is gone is not to be found again either.
			...(this.#table.value('starred', conversation, id) > 0
				? [this.#table.rowToSet('starred', conversation, id, 0, now)]
				: [])
		]);
		const kept = await this.#keep(rows);
		if (kept.ok) await this.world.hidden(messages);
		return kept;
	}

	async clear(conversation: string): Promise<Result<void, Problem>> {
		const upTo = hlcOfMs(this.timers.now());
		const kept = await this.#set('cleared', conversation, upTo);
		if (!kept.ok) return kept;
		// A later time would take what others say meanwhile.
		const ahead = await this.world.cleared(conversation, upTo);
		return ahead.length === 0 ? kept : this.hide(ahead);
	}

	/** A conversation is no longer on this device. */
	forget(conversation: string): void {
		this.#table.forget(conversation);
		this.#look();
	}

	#set(kind: MarkKind, conversation: string, value: number, message = ''): Promise<Result<void, Problem>> {
		return this.#keep([this.#table.rowToSet(kind, conversation, message, value, this.timers.now())]);
	}

	async #keep(rows: readonly MarkRow[]): Promise<Result<void, Problem>> {
		const written = await this.world.write(rows);
		if (!written.ok)
			return fail(
				written.reason === 'storage-full'
					? { code: 'storage-full' }
					: { code: 'not-saved', detail: written.reason }
			);
		this.#table.merge(rows);
		this.#look();
		return ok(undefined);
	}

	#look(): void {
		this.#nowMs = this.timers.now();
		this.#version++;
		this.#cancelUnmute();
		const next = this.#table.nextUnmuteMs(this.#nowMs);
		if (next !== null)
			this.#cancelUnmute = this.timers.after(untilMs(next - this.#nowMs), () => this.#look());
	}
}

/** Browsers take a delay for none at all if it does not fit in 31 bits. */
const untilMs = (delayMs: number): number => Math.min(delayMs, 2 ** 31 - 1);
