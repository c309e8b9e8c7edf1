/**
 * A message that was said again after a fork (docs/decisions/0009) has several ids: that of the entry in which it was said
 * first, and those of its copies. What names one of them is taken to name whichever is a message here.
 */
import type { ProjectedAct, ProjectedMessage } from '../ports';

type Named = Pick<ProjectedMessage, 'id' | 'account' | 'origin'>;
type Act = Pick<ProjectedAct, 'id' | 'account' | 'kind' | 'target'>;

/**
 * Finds the ids by which a message is named: a function of the sets alone. Anybody may claim to say again what somebody
 * else has said: that takes nothing from anybody, and gets nothing of what is known to be somebody else's.
 * @param acts of which the copies (`again`) are looked at
 */
export function namesByMessage(
	messages: Iterable<Named>,
	acts: Iterable<Act>
): (message: Named) => ReadonlySet<string> {
	const accountById = new Map<string, string>();
	for (const { id, account } of messages) accountById.set(id, account);
	const copiesByOrigin = new Map<string, string[]>();
	for (const { id, account, kind, target } of acts) {
		if (kind !== 'again') continue;
		const key = `${account}/${target}`;
		copiesByOrigin.set(key, [...(copiesByOrigin.get(key) ?? []), id]);
	}
	return ({ id, account, origin }) => {
		if (origin !== null && (accountById.get(origin) ?? account) !== account) return new Set([id]);
		const first = origin ?? id;
		return new Set([id, first, ...(copiesByOrigin.get(`${account}/${first}`) ?? [])]);
	};
}
