/** Changing what a group is called, and its rules. */
import type { Audience, HistoryVisibility, SettingsRecord } from '../../protocol/records';
import { fail, ok } from '../../protocol/result';
import type { Authority } from '../authority';
import { acceptedGrantsLimit, idOf, rightOf, type Act, type Actor } from './right';

export interface GroupSettings {
	readonly name: string;
	readonly description: string;
	readonly whoMayPost: Audience;
	readonly whoMayInvite: Audience;
	readonly approval: boolean;
	readonly history: HistoryVisibility;
}

/**
 * Name and description by moderators too, the rest by the owner alone.
 * @param changes what is to be other than it is
 */
export function changeSettings(authority: Authority, actor: Actor, changes: Partial<GroupSettings>): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (right.value.kind === 'member') return fail('not-allowed');
	const { name, description, picture, whoMayPost, whoMayInvite, approval, history } = authority;
	const now = { name, description, picture, whoMayPost, whoMayInvite, approval, history };
	const wanted = { ...now, ...changes };
	const isSame = (keys: readonly (keyof typeof now)[]): boolean =>
		keys.every((key) => wanted[key] === now[key]);
	if (isSame(['name', 'description', 'whoMayPost', 'whoMayInvite', 'approval', 'history']))
		return fail('already');
	if (right.value.kind !== 'owner' && !isSame(['whoMayPost', 'whoMayInvite', 'approval', 'history']))
		return fail('not-allowed');
	// Stricter rules are asked of those who came before them too, so they have to be named.
	const isStrict = wanted.approval || wanted.whoMayInvite !== 'members';
	const accepted = right.value.kind === 'owner' && isStrict ? [...authority.accountByGrant.keys()] : [];
	if (accepted.length > acceptedGrantsLimit) return fail('too-many');
	const record: SettingsRecord = {
		type: 'settings',
		auth: right.value.auth,
		...wanted,
		accepted: accepted.map(idOf)
	};
	return ok([record]);
}
