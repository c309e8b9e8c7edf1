/**
 * What somebody may do to a group now, and the records that do it. Pure over the authority as it is known here; an act
 * that the fold would void is refused before it is written, with the reason. Others may have acted meanwhile, so that
 * it comes to nothing all the same: the moderation log says so.
 */
export {
	idOf,
	liveGrantsOf,
	rightOf,
	rightsOf,
	type Act,
	type ActRefusal,
	type Actor,
	type CapsOf,
	type GroupRights,
	type Right
} from './acts/right';
export { deletion, mayDeleteOf, type SaidEntry } from './acts/delete';
export {
	leaveGroup,
	makeModerator,
	removalRefusal,
	removeMember,
	unmakeModerator,
	type Removal
} from './acts/members';
export { changeSettings } from './acts/settings';
export { setTimer } from './acts/timer';
export {
	admitsAlone,
	approveJoin,
	closeInvite,
	declineJoin,
	inviting,
	mayApprove,
	mayClose,
	mayDecline,
	waitingJoins
} from './acts/invitations';
export { acceptOwnership, handover, offerOwnership, transfer } from './acts/ownership';
