/** Reactions and votes as they are shown, from the acts that count (docs/decisions/0026). Pure. */
import { reactionsLimit } from './act-table';
import { byPosition } from './position';
import type { PollResult, PollRow, Position, ReactionRow } from './types';

export interface SaidReaction extends Position {
	readonly kind: 'reaction';
	readonly account: string;
	readonly own: boolean;
	readonly emoji: string;
	readonly on: boolean;
}

export interface SaidVote extends Position {
	readonly kind: 'vote';
	readonly account: string;
	readonly own: boolean;
	readonly choices: readonly number[];
}

/**
 * Of several names of one message: the newest act of each account and emoji, or of each account, as far as it is on, and
 * of one account's reactions the oldest twenty. Changes nothing about acts of one name that are shown.
 */
export function countingActs<T extends SaidReaction | SaidVote>(acts: readonly T[]): T[] {
	const newestBySlot = new Map<string, T>();
	for (const act of [...acts].sort(byPosition))
		newestBySlot.set(act.kind === 'vote' ? act.account : `${act.account} ${act.emoji}`, act);
	const on = [...newestBySlot.values()].filter((act) =>
		act.kind === 'vote' ? act.choices.length > 0 : act.on
	);
	const countByAccount = new Map<string, number>();
	return on.sort(byPosition).filter(({ kind, account }) => {
		const count = (countByAccount.get(account) ?? 0) + 1;
		countByAccount.set(account, count);
		return kind === 'vote' || count <= reactionsLimit;
	});
}

/** @param reactions that count, in any order */
export function reactionsOf(reactions: readonly SaidReaction[]): ReactionRow[] {
	const byEmoji = new Map<string, { accounts: string[]; own: boolean }>();
	for (const { emoji, account, own } of [...reactions].sort(byPosition)) {
		const row = byEmoji.get(emoji) ?? { accounts: [], own: false };
		row.accounts.push(account);
		row.own ||= own;
		byEmoji.set(emoji, row);
	}
	return [...byEmoji].map(([emoji, row]) => ({ emoji, ...row }));
}

/** @param votes that count, in any order */
export function pollResult(poll: PollRow, votes: readonly SaidVote[]): PollResult {
	const accounts = poll.options.map((): string[] => []);
	let own: readonly number[] = [];
	let voters = 0;
	for (const vote of [...votes].sort(byPosition)) {
		const known = vote.choices.filter((choice) => choice < poll.options.length);
		const chosen = poll.multiple ? known : known.slice(0, 1);
		for (const choice of chosen) accounts[choice]?.push(vote.account);
		if (chosen.length > 0) voters++;
		if (vote.own) own = chosen;
	}
	return { ...poll, votes: accounts, own, voters };
}
