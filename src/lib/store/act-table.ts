import { hashOfId } from './hash-of-id';
import type { InternedIds } from './interned-ids';
import type { OwnWords } from './late-words';
import type { SqlDriver, SqlRow, SqlValue } from './sql-driver';
import type { ActRow, Position } from './types';
import { byPosition } from './position';
import { listOf } from './stored-message';

export const actKinds = { edit: 1, reaction: 2, pin: 3, vote: 4 } as const;

/** Acts that say nothing now (something newer does), that are beyond what is shown, and that are shown. */
const states = { silent: 0, beyond: 1, shown: 2 } as const;

/** Of one account on one message: the oldest that are on count (docs/decisions/0026). */
export const reactionsLimit = 20;
/** Of one message. */
export const editsLimit = 64;

export interface StoredEdit extends Position {
	readonly text: string;
	readonly mentions: readonly string[];
	readonly mentionsMe: boolean;
	readonly sentAtMs: number;
}

/**
 * What is said about messages, each with a word on whether it counts among its like, so that what is shown is found
 * without looking at what is not, however often somebody has changed their mind.
 */
export class ActTable {
	constructor(
		readonly driver: SqlDriver,
		readonly ids: InternedIds
	) {}

	/** @returns whether anything has changed */
	put(ref: number, row: ActRow): boolean {
		const existing = this.#find(ref, row.id);
		if (existing?.time === row.time) return false;
		if (existing) this.#remove(existing);
		const author = this.ids.account(row.author);
		const slot = slotOf(row.kind, row.target, author, row.kind === 'reaction' ? row.emoji : '');
		const { isOn, text, more } = contentOf(row);
		const place: Slot = { conversation: ref, slot, target: row.target, kind: actKinds[row.kind], author };
		const top = this.#top(place);
		this.driver.run(
			`insert into act (conversation, time, id, id_hash, segment, lane, clock, author, own, sent_at_ms, kind, target,
				target_hash, slot, is_on, state, text, more)
			 values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
			[
				...[
					ref,
					row.time,
					row.id,
					hashOfId(row.id),
					row.segment,
					row.lane,
					row.clock,
					author,
					Number(row.own)
				],
				...[
					row.sentAtMs,
					actKinds[row.kind],
					row.target,
					hashOfId(row.target),
					slot,
					Number(isOn),
					text,
					more
				]
			]
		);
		this.#settle(place, top);
		return true;
	}

	/** @returns what it was about; null if there is none with this id */
	withdraw(ref: number, id: string): string | null {
		const existing = this.#find(ref, id);
		if (existing) this.#remove(existing);
		return existing?.target ?? null;
	}

	/** Ids of what that lane said from a clock on. */
	idsFrom(ref: number, segment: number, lane: number, next: number): string[] {
		return this.driver
			.rows('select id from act where conversation = ? and segment = ? and lane = ? and clock >= ?', [
				...[ref, segment, lane, next]
			])
			.map(([id]) => String(id));
	}

	/** Nothing stays of what was said about these. @returns whether there was anything, and where own edits stand */
	eraseAbout(ref: number, targets: readonly string[]): { erased: boolean; ownEdits: readonly OwnWords[] } {
		const rows = targets.flatMap((target) =>
			this.driver.rows(
				`delete from act where target_hash = ? and target = ? and conversation = ?
				 returning segment, lane, clock, id, target, author, own, kind`,
				[hashOfId(target), target, ref]
			)
		);
		return { erased: rows.length > 0, ownEdits: rows.flatMap(ownEditOf) };
	}

	/** Takes away how an account has worded this anew. @returns where its own device said so */
	takeEdits(ref: number, target: string, author: number): OwnWords[] {
		const rows = this.driver.rows(
			`delete from act where slot = ? and conversation = ? and target = ? and kind = ? and author = ?
			 returning segment, lane, clock, id, target, author, own, kind`,
			[slotOf('edit', target, author, ''), ref, target, actKinds.edit, author]
		);
		return rows.flatMap(ownEditOf);
	}

	/** What is said by this account in this entry; false if that is nothing. */
	isBy(ref: number, id: string, author: number): boolean {
		return this.#find(ref, id)?.author === author;
	}

	/** The newest edit by this account of what has these names, and how many there are. */
	edit(
		ref: number,
		names: readonly string[],
		author: number
	): (StoredEdit & { readonly count: number }) | null {
		const edits = this.edits(ref, names, author, 1);
		const [newest] = edits;
		if (newest === undefined) return null;
		return { ...newest, count: this.edits(ref, names, author, editsLimit).length };
	}

	/** Newest first. */
	edits(ref: number, names: readonly string[], author: number, limit: number): StoredEdit[] {
		const found = names.flatMap((name) =>
			this.driver.rows(
				`select time, id, text, more, sent_at_ms from act
				 where slot = ? and conversation = ? and target = ? and kind = ? and author = ?
				 order by time desc, id desc limit ?`,
				[slotOf('edit', name, author, ''), ref, name, actKinds.edit, author, limit]
			)
		);
		return found
			.map(editOf)
			.sort((a, b) => byPosition(b, a))
			.slice(0, limit);
	}

	/** Segment, lane, clock and id of all edits by an author, in the order of their time. */
	editPlaces(ref: number, names: readonly string[], author: number): SqlRow[] {
		return names.flatMap((name) =>
			this.driver.rows(
				`select segment, lane, clock, id from act
				 where slot = ? and conversation = ? and target = ? and kind = ? and author = ? order by time, id`,
				[slotOf('edit', name, author, ''), ref, name, actKinds.edit, author]
			)
		);
	}

	/** When it was pinned last; null if it is not. */
	pinTime(ref: number, names: readonly string[]): number | null {
		const pins = names.flatMap((target) => {
			const slot = slotOf('pin', target, 0, '');
			return this.#top({ conversation: ref, slot, target, kind: actKinds.pin, author: 0 }) ?? [];
		});
		const newest = pins.sort((a, b) => byPosition(b, a))[0];
		return newest?.isOn === true ? newest.time : null;
	}

	#find(ref: number, id: string): Act | null {
		const row = this.driver.rows(
			`select ${actColumns} from act where id_hash = ? and id = ? and conversation = ?`,
			[hashOfId(id), id, ref]
		)[0];
		return row ? actOf(row) : null;
	}

	#remove(act: Act): void {
		this.driver.run('delete from act where key = ?', [act.key]);
		this.#settle(act, act);
	}

	/** The newest act in a slot is the only one that says something. @param before what was the newest, or was one of it */
	#settle(slot: Slot, before: Act | null): void {
		const top = this.#top(slot);
		if (before && before.key !== top?.key) this.#setState(before.key, states.silent);
		if (top && (top.isOn ? top.state === states.silent : top.state !== states.silent))
			this.#setState(
				top.key,
				!top.isOn ? states.silent : top.kind === actKinds.reaction ? states.beyond : states.shown
			);
		if (slot.kind === actKinds.reaction) this.#balance(slot);
	}

	/** The oldest of one person's reactions are shown, and no others. */
	#balance(of: Slot): void {
		for (;;) {
			const shown = this.#reactions(of, states.shown, reactionsLimit + 1);
			const [next] = this.#reactions(of, states.beyond, 1);
			const last = shown.at(-1);
			if (last && shown.length > reactionsLimit) this.#setState(last.key, states.beyond);
			else if (next && shown.length < reactionsLimit) this.#setState(next.key, states.shown);
			else if (next && last && byPosition(next, last) < 0) {
				this.#setState(last.key, states.beyond);
				this.#setState(next.key, states.shown);
			} else return;
		}
	}

	#reactions({ conversation, target, author }: Slot, state: number, limit: number): Act[] {
		return this.driver
			.rows(
				`select ${actColumns} from act
				 where target_hash = ? and state = ? and kind = ? and author = ? and target = ? and conversation = ?
				 order by time, id limit ?`,
				[hashOfId(target), state, actKinds.reaction, author, target, conversation, limit]
			)
			.map(actOf);
	}

	/** Its newest act. A slot is a hash: what has the same by chance, or because somebody wants it, is told apart. */
	#top({ slot, conversation, target, kind, author }: Slot): Act | null {
		const row = this.driver.rows(
			`select ${actColumns} from act where slot = ?1 and conversation = ?2 and target = ?3 and kind = ?4 and (author = ?5 or kind = ${actKinds.pin})
			 order by time desc, id desc limit 1`,
			[slot, conversation, target, kind, author]
		)[0];
		return row ? actOf(row) : null;
	}

	#setState(key: number, state: number): void {
		this.driver.run('update act set state = ? where key = ?', [state, key]);
	}
}

/** What takes each other's place: each account's edits of a message, or its votes, reactions with one emoji, all pins. */
interface Slot {
	readonly conversation: number;
	readonly slot: number;
	readonly target: string;
	readonly kind: number;
	readonly author: number;
}

interface Act extends Slot, Position {
	readonly key: number;
	readonly isOn: boolean;
	readonly state: number;
}

const actColumns = 'key, conversation, time, id, kind, author, target, slot, is_on, state';

function actOf([key, conversation, time, id, kind, author, target, slot, isOn, state]: SqlRow): Act {
	return {
		key: Number(key),
		conversation: Number(conversation),
		time: Number(time),
		id: String(id),
		kind: Number(kind),
		author: Number(author),
		target: String(target),
		slot: Number(slot),
		isOn: isOn === 1,
		state: Number(state)
	};
}

function ownEditOf([segment, lane, clock, id, target, author, own, kind]: SqlRow): OwnWords[] {
	if (own !== 1 || kind !== actKinds.edit) return [];
	const place = { segment: Number(segment), lane: Number(lane), clock: Number(clock), id: String(id) };
	return [{ ...place, target: String(target), author: Number(author) }];
}

function editOf([time, id, text, more, sentAtMs]: SqlRow): StoredEdit {
	const [mentionsMe, ...mentions] = listOf(more);
	return {
		time: Number(time),
		id: String(id),
		text: String(text),
		mentions,
		mentionsMe: mentionsMe !== '',
		sentAtMs: Number(sentAtMs)
	};
}

/** Everyone pins in one place; the rest is of each account. */
const slotOf = (kind: ActRow['kind'], target: string, author: number, emoji: string): number =>
	hashOfId(`${actKinds[kind]} ${kind === 'pin' ? 0 : author} ${target} ${emoji}`);

function contentOf(row: ActRow): { isOn: boolean; text: string | null; more: SqlValue } {
	switch (row.kind) {
		case 'edit':
			return {
				isOn: true,
				text: row.text,
				more: JSON.stringify([row.mentionsMe ? 'me' : '', ...row.mentions])
			};
		case 'reaction':
			return { isOn: row.on, text: row.emoji, more: null };
		case 'pin':
			return { isOn: row.on, text: null, more: null };
		case 'vote':
			return { isOn: row.choices.length > 0, text: null, more: JSON.stringify(row.choices) };
	}
}
