/** Joins messages with what has been said about them, for the few that a screen asks for. */
import { actKinds } from './act-table';
import { unknownQuotation } from './as-said';
import { hashOfId } from './hash-of-id';
import { GoneTable } from './gone-table';
import { hiddenAuthors } from './hidden-authors';
import type { NameTable } from './name-table';
import { repliesTo } from './replies';
import { countingActs, pollResult, reactionsOf, type SaidReaction, type SaidVote } from './shown-acts';
import type { SqlDriver, SqlRow } from './sql-driver';
import { hasFlag, listOf, numberOrNull, pollOf, storedColumns, textOrNull } from './stored-message';
import type { MessageRow, Quotation } from './types';

export interface Showing {
	readonly driver: SqlDriver;
	readonly names: NameTable;
	/** There are authors of whom nothing is shown (hidden-authors.ts). */
	readonly hides: boolean;
}

/** To be selected from `shownFrom`, for `showMessages`. */
export const shownColumns = `c.id, m.time, m.id, a.id, m.author, ${storedColumns
	.split(', ')
	.map((name) => `m.${name}`)
	.join(', ')}`;

/** Message `m`, conversation `c`, account `a`. */
export const shownFrom =
	'message m join conversation c on c.ref = m.conversation join account a on a.ref = m.author';

/** The first characters of a message that is quoted. */
const quotedLengthChars = 256;

/**
 * @param rows `shownColumns`, all of one conversation
 * @param ref its number
 * @param dueTime replies of later times are held back
 */
export function showMessages(
	showing: Showing,
	rows: readonly SqlRow[],
	ref: number,
	dueTime: number
): MessageRow[] {
	const { driver, names, hides } = showing;
	if (rows.length === 0) return [];
	const plain = names.isEmpty();
	const gone = new GoneTable(driver);
	const found = rows.map((row): Found => {
		const [, , id, , author] = row;
		const all = plain ? [String(id)] : names.of(ref, String(id), Number(author));
		return { row, all, names: gone.kept(ref, all, Number(author)) };
	});
	const hidden = hides ? hiddenAuthors(driver) : new Set<string>();
	const acts = new ShownActs(driver, ref, found, hidden);
	const quotationById = quotationsOf(showing, found, ref, hidden);
	const replies = repliesTo(
		showing,
		ref,
		found.flatMap((each) => each.all),
		dueTime
	);
	return found.map((each): MessageRow => {
		const [conversation, time, id, author, authorRef, ...columns] = each.row;
		const [segment, lane, clock, , own, text, sentAtMs, late, deleted, mentioned, , pinTime] = columns;
		const [editCount, editedAtMs, , flags, thread, , reply, mentions, poll, expiresAtMs] = columns.slice(12);
		const firsts = names.firstsOf(ref, String(id), Number(authorRef));
		const deletion = deleted === 1 ? gone.deletionOf(ref, firsts, Number(authorRef)) : null;
		const asked = pollOf(poll);
		return {
			conversation: String(conversation),
			time: Number(time),
			id: String(id),
			segment: Number(segment),
			lane: Number(lane),
			clock: Number(clock),
			author: String(author),
			own: own === 1,
			text: String(text),
			sentAtMs: Number(sentAtMs),
			late: late === 1,
			edited: editCount === 0 ? null : { count: Number(editCount), atMs: Number(editedAtMs) },
			deleted: deleted === 1 ? (deletion ?? nobodyKnown) : null,
			reply: reply == null ? null : (quotationById.get(String(reply)) ?? unknownQuotation(String(reply))),
			thread: textOrNull(thread),
			replies: thread == null ? (replies(each.all) ?? null) : null,
			reactions: deleted === 1 ? [] : reactionsOf(acts.reactions(each)),
			pinned: pinTime !== null,
			poll: asked && pollResult(asked, acts.votes(each)),
			mentions: listOf(mentions),
			mentionsEveryone: hasFlag(flags, 'mentionsEveryone'),
			mentionsMe: mentioned === 1,
			forwarded: hasFlag(flags, 'forwarded'),
			expiresAtMs: numberOrNull(expiresAtMs)
		};
	});
}

interface Found {
	readonly row: SqlRow;
	/** By which it is named: as the root of a thread. */
	readonly all: readonly string[];
	/** By what is said about it. */
	readonly names: readonly string[];
}

/** Only while a copy that was deleted under another name is not known to be one any more. */
const nobodyKnown = { by: '', atMs: 0 };

/** Reactions and votes of a page, read at once. */
class ShownActs {
	readonly #byTarget = new Map<string, (SaidReaction | SaidVote)[]>();

	constructor(driver: SqlDriver, ref: number, found: readonly Found[], hidden: ReadonlySet<string>) {
		const single = found.flatMap(({ names }) => (names.length === 1 ? names : []));
		const several = found.flatMap(({ names }) => (names.length === 1 ? [] : names));
		this.#read(driver, ref, single, 'act.state = 2', hidden);
		// Which of several counts has been found out for each name alone.
		this.#read(driver, ref, several, 'act.state in (0, 1, 2)', hidden);
	}

	reactions(of: Found): SaidReaction[] {
		return this.#of(of).filter((act) => act.kind === 'reaction');
	}

	votes(of: Found): SaidVote[] {
		return this.#of(of).filter((act) => act.kind === 'vote');
	}

	#of({ names }: Found): (SaidReaction | SaidVote)[] {
		const acts = names.flatMap((name) => this.#byTarget.get(name) ?? []);
		if (names.length === 1) return acts;
		return [
			...countingActs(acts.filter(({ kind }) => kind === 'reaction')),
			...countingActs(acts.filter(({ kind }) => kind === 'vote'))
		];
	}

	#read(
		driver: SqlDriver,
		ref: number,
		names: readonly string[],
		condition: string,
		hidden: ReadonlySet<string>
	): void {
		if (names.length === 0) return;
		const rows = driver.rows(
			`select act.target, act.kind, a.id, act.own, act.time, act.id, act.is_on, act.text, act.more
			 from json_each(?) wanted cross join act on act.target_hash = wanted.value
			 join account a on a.ref = act.author
			 where ${condition} and act.kind in (${actKinds.reaction}, ${actKinds.vote}) and act.conversation = ?`,
			[JSON.stringify([...new Set(names)].map(hashOfId)), ref]
		);
		for (const [target, kind, account, own, time, id, isOn, text, more] of rows) {
			if (hidden.has(String(account))) continue;
			const said = { account: String(account), own: own === 1, time: Number(time), id: String(id) };
			const act: SaidReaction | SaidVote =
				kind === actKinds.vote
					? { ...said, kind: 'vote', choices: choicesOf(String(more)) }
					: { ...said, kind: 'reaction', emoji: String(text), on: isOn === 1 };
			this.#byTarget.set(String(target), [...(this.#byTarget.get(String(target)) ?? []), act]);
		}
	}
}

/** As it was written by act-table.ts. */
const choicesOf = (more: string): number[] => JSON.parse(more) as number[];

function quotationsOf(
	{ driver, names }: Showing,
	found: readonly Found[],
	ref: number,
	hidden: ReadonlySet<string>
): Map<string, Quotation> {
	const byId = new Map<string, Quotation>();
	const replyColumn = 5 + storedColumns.split(', ').indexOf('reply');
	for (const wanted of new Set(found.flatMap(({ row }) => textOrNull(row[replyColumn]) ?? [])))
		for (const id of names.isEmpty() ? [wanted] : names.meantBy(ref, [wanted])) {
			const row = driver.rows(quotedSql, [hashOfId(id), id, ref])[0];
			if (row === undefined || hidden.has(String(row[1]))) continue;
			const [time, author, own, text, deleted, thread] = row;
			byId.set(wanted, {
				id,
				position: { time: Number(time), id },
				author: String(author),
				own: own === 1,
				text: String(text),
				deleted: deleted === 1,
				thread: textOrNull(thread)
			});
			if (id === wanted) break;
		}
	return byId;
}

const quotedSql = `
	select m.time, a.id, m.own, substr(m.text, 1, ${quotedLengthChars}), m.deleted, m.thread
	from message m join account a on a.ref = m.author where m.id_hash = ? and m.id = ? and m.conversation = ?`;
