/** Changing what a group is called, and its rules. */
import type { GroupSettings, SettingsRecord } from '../../protocol/records';
import { fail, ok } from '../../protocol/result';
import type { Authority } from '../authority';
import { closing } from './invitations';
import { acceptedGrantsLimit, idOf, rightOf, type Act, type Actor } from './right';

/**
 * Name, description and picture by moderators too, the rest by the owner alone. Where newcomers are to read less than before, the
 * open links end with it: they hold what opens the past.
 * @param changes what is to be other than it is
 * @param joinsByKey grants of the joins that have come by each invitation: they stay
 */
export function changeSettings(
	authority: Authority,
	actor: Actor,
	changes: Partial<GroupSettings>,
	joinsByKey: ReadonlyMap<string, readonly string[]>
): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (right.value.kind === 'member') return fail('not-allowed');
	const { name, description, picture, whoMayPost, whoMayInvite, approval, history } = authority;
	const now = { name, description, picture, whoMayPost, whoMayInvite, approval, history };
	const wanted = { ...now, ...changes };
	const isSame = (keys: readonly (keyof typeof now)[]): boolean =>
		keys.every((key) => wanted[key] === now[key]);
	if (isSame(['name', 'description', 'picture', 'whoMayPost', 'whoMayInvite', 'approval', 'history']))
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
	const isClosing = history === 'all' && wanted.history !== 'all';
	const keys = isClosing ? [...authority.openInvites.keys()] : [];
	const closings = keys.map((key) => closing(right.value.auth, key, joinsByKey.get(key) ?? []));
	if (keys.some((key) => (joinsByKey.get(key)?.length ?? 0) > acceptedGrantsLimit)) return fail('too-many');
	return ok([...closings, record]);
}
