/**
 * What is shown of a message, from what its author said and what has been said about it since: a function of the set of
 * rows, whatever their order (docs/decisions/0026). The read model does the same in SQL; this is the reference that it is
 * compared with. A clock that runs ahead does not matter here: messages of later than now are held back where they are
 * looked for, acts count at once.
 */
import type { ProjectedAct, ProjectedMessage } from '../ports';
import { Deletions, type NamedDeletion } from './deletions';
import { namesByMessage } from './said-again';

/** Of one account on one message; the oldest count. */
export const reactionsPerAccountLimit = 20;
/** The newest are kept. */
export const editsKept = 64;

type Act<K extends ProjectedAct['kind']> = Extract<ProjectedAct, { readonly kind: K }>;
type Placed = Pick<ProjectedAct, 'time' | 'id'>;

/** One wording of a message. `id` is that of the entry: the message's, or the edit's. */
export interface Version {
	readonly id: string;
	readonly text: string;
	readonly mentions: readonly string[];
	readonly hlc: number;
}

export interface Reactions {
	readonly emoji: string;
	/** In the order in which they reacted. */
	readonly accounts: readonly string[];
}

export interface ShownMessage {
	readonly id: string;
	/** Nothing is left of it but its place: no versions, no reactions, no votes. */
	readonly isDeleted: boolean;
	/** As its author said it, then its edits, oldest first; the last one is shown. */
	readonly versions: readonly Version[];
	/** In the order in which each was given first. */
	readonly reactions: readonly Reactions[];
	readonly pinned: boolean;
	/** Of each option of its poll, the accounts that chose it, in the order in which they last voted. */
	readonly votes: readonly (readonly string[])[];
}

/**
 * @param acts whatever they are about
 * @param deletions that count, of messages, copies and edits
 * @returns all messages, in the order on screen, each with what has been said about it
 */
export function shownMessages(
	messages: readonly ProjectedMessage[],
	acts: readonly ProjectedAct[],
	deletions: readonly NamedDeletion[] = []
): ShownMessage[] {
	const gone = new Deletions(deletions);
	const left = acts.filter((act) => !gone.takesAct(act));
	const namesOf = namesByMessage(messages, left);
	const actsByTarget = new Map<string, ProjectedAct[]>();
	for (const act of left) {
		const known = actsByTarget.get(act.target);
		if (known === undefined) actsByTarget.set(act.target, [act]);
		else known.push(act);
	}
	return [...messages].sort(byPlace).map((message) => {
		if (gone.takesMessage(message)) return deletedMessage(message);
		const about = [...namesOf(message)].flatMap((name) => actsByTarget.get(name) ?? []);
		return shownMessage(message, about);
	});
}

/** @param acts those that name the message, by whichever of its ids, in any order, and nothing else */
export function shownMessage(message: ProjectedMessage, acts: readonly ProjectedAct[]): ShownMessage {
	const sorted = [...acts].sort(byPlace);
	const { id, text, mentions, hlc } = message;
	const edits = ofKind(sorted, 'edit').filter(({ account }) => account === message.account);
	return {
		id,
		isDeleted: false,
		versions: [
			{ id, text, mentions, hlc },
			...edits.slice(-editsKept).map((edit) => ({
				id: edit.id,
				text: edit.text,
				mentions: edit.mentions,
				hlc: edit.hlc
			}))
		],
		reactions: reactionsOf(ofKind(sorted, 'reaction')),
		pinned: ofKind(sorted, 'pin').at(-1)?.on ?? false,
		votes: votesOf(message, ofKind(sorted, 'vote'))
	};
}

const deletedMessage = ({ id }: ProjectedMessage): ShownMessage => ({
	id,
	isDeleted: true,
	versions: [],
	reactions: [],
	pinned: false,
	votes: []
});

function reactionsOf(acts: readonly Act<'reaction'>[]): Reactions[] {
	const on = lastOf(acts, ({ account, emoji }) => `${account}/${emoji}`).filter((act) => act.on);
	const countByAccount = new Map<string, number>();
	const accountsByEmoji = new Map<string, string[]>();
	for (const { account, emoji } of on) {
		const count = (countByAccount.get(account) ?? 0) + 1;
		countByAccount.set(account, count);
		if (count > reactionsPerAccountLimit) continue;
		accountsByEmoji.set(emoji, [...(accountsByEmoji.get(emoji) ?? []), account]);
	}
	return [...accountsByEmoji].map(([emoji, accounts]) => ({ emoji, accounts }));
}

function votesOf({ poll }: ProjectedMessage, acts: readonly Act<'vote'>[]): string[][] {
	const votes: string[][] = (poll?.options ?? []).map(() => []);
	for (const { account, choices } of lastOf(acts, (act) => act.account)) {
		const possible = choices.filter((choice) => choice < votes.length);
		for (const choice of poll?.several === true ? possible : possible.slice(0, 1))
			votes[choice]?.push(account);
	}
	return votes;
}

const ofKind = <K extends ProjectedAct['kind']>(acts: readonly ProjectedAct[], kind: K): Act<K>[] =>
	acts.filter((act): act is Act<K> => act.kind === kind);

/** The last of each key. @param acts in their order; so is what is returned */
function lastOf<A extends Placed>(acts: readonly A[], keyOf: (act: A) => string): A[] {
	const byKey = new Map<string, A>();
	for (const act of acts) byKey.set(keyOf(act), act);
	return [...byKey.values()].sort(byPlace);
}

/** Order on screen, and of who comes last: effective time, then id. */
function byPlace(a: Placed, b: Placed): number {
	return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
