/**
 * What deletes that count take away, for whoever holds anything of it (docs/decisions/0026). A delete names an entry and
 * the lane in which it stands; whose lane that is everybody knows, also who holds another branch of it, and never had
 * what was named. So what a delete takes away is decided by id and author alone.
 */
import type { ProjectedAct, ProjectedDeletion, ProjectedMessage } from '../ports';

export type NamedDeletion = Pick<ProjectedDeletion, 'id' | 'author'>;

export class Deletions {
	readonly #keys = new Set<string>();

	constructor(named: Iterable<NamedDeletion> = []) {
		for (const each of named) this.add(each);
	}

	add({ id, author }: NamedDeletion): void {
		this.#keys.add(`${author}/${id}`);
	}

	/** Whether deletes name this entry among those of this account. */
	has(id: string, account: string): boolean {
		return this.#keys.has(`${account}/${id}`);
	}

	/** Whether a message is taken away: it is named, or that of which it is a copy. */
	takesMessage({ id, account, origin }: Pick<ProjectedMessage, 'id' | 'account' | 'origin'>): boolean {
		return this.has(id, account) || (origin !== null && this.has(origin, account));
	}

	/** Whether an act is taken away: it is named, or it words anew what its author has said and is named. */
	takesAct({ id, account, kind, target }: Pick<ProjectedAct, 'id' | 'account' | 'kind' | 'target'>): boolean {
		return this.has(id, account) || (kind === 'edit' && this.has(target, account));
	}
}

/**
 * Words of what is deleted that no delete names: edits that were made before their author's device heard of it, and
 * copies that another one did not know. Their author's devices name them.
 * @param acts as the fold tells them, also of what is deleted
 * @param account whose
 */
export function lateWords(
	acts: readonly ProjectedAct[],
	deletions: Deletions,
	account: string
): readonly ProjectedAct[] {
	const own = acts.filter((act) => act.account === account);
	const originById = new Map(own.flatMap(({ id, kind, target }) => (kind === 'again' ? [[id, target]] : [])));
	return own.filter(({ id, kind, target }) => {
		if ((kind !== 'edit' && kind !== 'again') || deletions.has(id, account)) return false;
		const origin = kind === 'edit' ? originById.get(target) : undefined;
		return deletions.has(target, account) || (origin !== undefined && deletions.has(origin, account));
	});
}
