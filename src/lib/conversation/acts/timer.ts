/** Setting after how long what is said disappears, for everybody (docs/decisions/0035). */
import { replacedTimersBounds } from '../../protocol/timer-record';
import { fail, ok } from '../../protocol/result';
import type { Authority } from '../authority';
import { idOf, rightOf, type Act, type Actor } from './right';

/**
 * By the owner and by moderators; in a direct conversation by both.
 * @param afterS seconds, within the bounds of a message's (expiryBoundsS); 0: what is said stays
 */
export function setTimer(authority: Authority, actor: Actor, afterS: number): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (right.value.kind === 'member' && authority.kind !== 'direct') return fail('not-allowed');
	const { timer } = authority;
	// Said again where several hold: now that all are known, one is to.
	if (timer.afterS === afterS && timer.standing.length <= 1) return fail('already');
	const replaces = timer.standing.slice(0, replacedTimersBounds.most).map(idOf);
	return ok([{ type: 'timer', auth: right.value.auth, afterS, replaces }]);
}
