/** Taking away for everyone what was said (docs/decisions/0026, 0027). */
import { deleteTargetBounds } from '../../protocol/delete-record';
import { noAuthority, type DeleteRecord } from '../../protocol/records';
import { fail, ok, type Result } from '../../protocol/result';
import { mayDelete, type Authority } from '../authority';
import { idOf, rightOf, type Act, type ActRefusal, type Actor } from './right';

/** An entry in which something was said, as the read model knows it. */
export interface SaidEntry {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	/** Base64url. */
	readonly id: string;
}

/** What a delete has to cite. @param author account id of whose it is */
function authOver(authority: Authority, actor: Actor, author: string): Result<Uint8Array, ActRefusal> {
	if (author === actor.account) return ok(noAuthority);
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (right.value.kind === 'member') return fail('not-allowed');
	return mayDelete(authority, author, actor.account, right.value.kind)
		? ok(right.value.auth)
		: fail('protected');
}

/** Whether this device may delete what an account has said, for screens to offer it. */
export function mayDeleteOf(authority: Authority, actor: Actor, author: string): boolean {
	const auth = authOver(authority, actor, author);
	// An owner who speaks elsewhere now goes on here: a handover comes before the act.
	return auth.ok || auth.reason === 'seat-elsewhere';
}

/**
 * @param author account id of whose the message is
 * @param entries the message first, then the edits and copies of it that are known; at least one
 * @returns the records that say so, or why the fold would void them
 */
export function deletion(
	authority: Authority,
	actor: Actor,
	author: string,
	entries: readonly SaidEntry[]
): Act {
	const auth = authOver(authority, actor, author);
	if (!auth.ok) return auth;
	const targets = entries.map(({ segment, lane, clock, id }) => ({ segment, lane, clock, id: idOf(id) }));
	const records: DeleteRecord[] = [];
	for (let from = 0; from < targets.length; from += deleteTargetBounds.most)
		records.push({
			type: 'delete',
			auth: auth.value,
			targets: targets.slice(from, from + deleteTargetBounds.most)
		});
	return ok(records);
}
