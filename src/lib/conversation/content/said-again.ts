/**
 * A message that was said again after a fork (docs/decisions/0009) has several ids: that of the entry in which it was said
 * first, and those of its copies. What names one of them is taken to name whichever is a message here.
 */
import type { ProjectedAct, ProjectedMessage } from '../ports';

type Named = Pick<ProjectedMessage, 'id' | 'account' | 'origin'>;
type Act = Pick<ProjectedAct, 'id' | 'account' | 'kind' | 'target'>;

/**
 * Finds the message that an id names. A function of the sets alone.
 * @param acts of which the copies (`again`) are looked at
 * @returns a function from an id to the id of a message among `messages`, or null
 */
export function messageNames(messages: Iterable<Named>, acts: Iterable<Act>): (id: string) => string | null {
	const messageById = new Map<string, Named>();
	/** What is said again of an origin, by anybody; the lowest id is it. */
	const copyByOrigin = new Map<string, string>();
	/** The same, of one account. */
	const copyByAccount = new Map<string, string>();
	for (const message of messages) {
		messageById.set(message.id, message);
		if (message.origin === null) continue;
		keepLowest(copyByOrigin, message.origin, message.id);
		keepLowest(copyByAccount, `${message.account}/${message.origin}`, message.id);
	}
	const copyById = new Map<string, Act>();
	for (const act of acts) if (act.kind === 'again') copyById.set(act.id, act);
	return (id) => {
		if (messageById.has(id)) return id;
		const copy = copyById.get(id);
		if (copy === undefined) return copyByOrigin.get(id) ?? null;
		// Anybody may claim to say again what somebody else has said: only what is by the same account is another copy.
		if (messageById.get(copy.target)?.account === copy.account) return copy.target;
		return copyByAccount.get(`${copy.account}/${copy.target}`) ?? null;
	};
}

function keepLowest(idByKey: Map<string, string>, key: string, id: string): void {
	const known = idByKey.get(key);
	if (known === undefined || id < known) idByKey.set(key, id);
}
