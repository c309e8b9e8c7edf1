/** Which epochs are among the facts (epoch-facts.ts): what somebody who was removed begins is, if others rely on it. */
import { toBase64url } from '../../protocol/base64url';
import type { EpochStatement } from './epoch-facts';

/**
 * @param statements all that are there, in any order
 * @param named base64url ids of epochs under which an entry stands that counts, or may
 * @returns those that count; those that are named; and those from which one that counts descends: without its parents it
 *   would have no place, and what was said under it would be shown to nobody
 */
export function epochsInUse(
	statements: readonly EpochStatement[],
	named: ReadonlySet<string>
): readonly EpochStatement[] {
	const statementsById = new Map<string, EpochStatement[]>();
	for (const statement of statements)
		statementsById.set(statement.id, [...(statementsById.get(statement.id) ?? []), statement]);
	const ancestors = new Set<string>();
	const open = statements.filter(({ counts }) => counts);
	for (let next = open.pop(); next !== undefined; next = open.pop())
		for (const parent of next.part.parents.map(toBase64url)) {
			if (ancestors.has(parent)) continue;
			ancestors.add(parent);
			open.push(...(statementsById.get(parent) ?? []));
		}
	return statements.filter(({ id, counts }) => counts || named.has(id) || ancestors.has(id));
}
