/** The strata of authority, one on the other (protocol 4). */
import { toBase64url } from '../../protocol/base64url';
import type { SettingsRecord } from '../../protocol/records';
import type {
	Authority,
	ControlEntry,
	ControlLane,
	LiveDevice,
	OpenInvite,
	PersonalInvite
} from '../authority';
import { ControlIndex, type Said } from './control-index';
import { deviceKey, removedDevices } from './devices';
import { Grants, type Invitation } from './grants';
import { LaneLimits } from './lanes';
import { later, listMembers } from './members';
import { moderationLog } from './moderation-log';
import { Moderators } from './moderators';
import { OwnerChain } from './owner-chain';
import { Statements, type ReadsStatements, type SettingsStatement } from './statement';
import { foldTimer } from './timer';

/**
 * @param conversation 32 bytes
 * @param entries of the control segment, each (lane, clock) at most once; in any order
 * @param statements kept from one fold to the next by who folds often
 */
export function foldAuthority(
	conversation: Uint8Array,
	entries: readonly ControlEntry[],
	statements: ReadsStatements = new Statements(conversation)
): Authority {
	const index = new ControlIndex(toBase64url(conversation), entries, statements);
	const capsByDevice = removedDevices(index);
	const chain = new OwnerChain(index, capsByDevice);
	const moderators = new Moderators(index, chain, capsByDevice);
	const limits = new LaneLimits(index, moderators.capsByGrant, capsByDevice);
	const rules = lastRules(chain);
	const grants = new Grants(index, chain, moderators, limits, rules);
	const memberByAccount = listMembers(index, chain, grants, limits);
	const controlLaneByNumber = countedLanes(index, grants, limits);
	const settings = shownSettings(index, chain, moderators);
	return {
		kind: index.direct !== null ? 'direct' : 'group',
		founded: index.genesis !== null || index.direct !== null,
		name: settings?.name ?? '',
		description: settings?.description ?? '',
		picture: settings?.picture ?? null,
		whoMayPost: rules?.whoMayPost ?? 'members',
		whoMayInvite: rules?.whoMayInvite ?? 'members',
		approval: rules?.approval ?? false,
		history: rules?.history ?? 'all',
		timer: foldTimer(index, grants),
		createdHlc: index.genesis?.hlc ?? index.direct?.hlc ?? 0,
		memberByAccount,
		accountByGrant: grants.accountByGrant,
		controlLaneByNumber,
		inviteByKey: invitesByKey(grants),
		openInvites: openInvites(grants),
		personalInvites: personalInvites(grants),
		forkClockByLane: index.forkClockByLane,
		seat:
			chain.tenure === null || chain.seat === null
				? null
				: {
						id: chain.seat.id,
						tenure: chain.tenure.id,
						grant: chain.tenure.grant,
						lane: chain.seat.lane,
						counter: chain.seat.counter,
						isFrozen: chain.isFrozen
					},
		tenures: chain.tenures,
		roleIdByGrant: chain.roleIdByGrant,
		roleById: chain.roleById,
		trustedGrants: chain.trusted,
		capsByGrant: limits.capsByGrant,
		capsByDevice,
		limitByControlLane: new Map([...controlLaneByNumber.keys()].map((lane) => [lane, limits.limitOf(lane)])),
		devices: liveDevices(index, grants, limits, memberByAccount),
		pendingJoins: grants.pending,
		moderationLog: () => moderationLog(index, { chain, moderators, grants, limits })
	};
}

/** Rules are the owner's alone: the last ones in the order of the chain, whatever time they claim. */
function lastRules(chain: OwnerChain): SettingsRecord | null {
	return chain.settings.at(-1)?.says.record ?? null;
}

/** Name, description and picture: of the owner's last word and what moderators said, the latest by (hlc, id). */
function shownSettings(
	index: ControlIndex,
	chain: OwnerChain,
	moderators: Moderators
): SettingsRecord | null {
	let newest: Said<SettingsStatement> | null = chain.settings.at(-1) ?? null;
	for (const said of index.ofType('settings')) {
		if (chain.acts.has(said.id) || !moderators.empowers(said, said.says.auth)) continue;
		if (newest === null || later(said, newest)) newest = said;
	}
	return newest?.says.record ?? null;
}

/**
 * Lanes of grants that are known, those of removed ones too: how far they count is another question. A fork at its very
 * beginning leaves nothing of a lane, unless a removal has chosen the branch.
 */
function countedLanes(
	index: ControlIndex,
	grants: Grants,
	limits: LaneLimits
): ReadonlyMap<number, ControlLane> {
	const lanes = new Map<number, ControlLane>();
	for (const [lane, { account, grant, device }] of index.certificateByLane) {
		if (grants.accountByGrant.get(grant) !== account) continue;
		if (index.forkLimitOf(lane) === 0 && !limits.isCapped(lane)) continue;
		lanes.set(lane, { account, grant, device });
	}
	return lanes;
}

/** Of one invite key the latest expiry: whoever holds the seed may say it again, nobody may shorten it. */
function invitesByKey(
	grants: Grants
): ReadonlyMap<string, { readonly expiresAtMs: number; readonly account: string }> {
	const invites = new Map<string, { expiresAtMs: number; account: string }>();
	for (const { said, by } of grants.invitations) {
		const { key, record } = said.says;
		const known = invites.get(key);
		const account = grants.accountByGrant.get(by) ?? '';
		if (
			known === undefined ||
			known.expiresAtMs < record.expiresAtMs ||
			(known.expiresAtMs === record.expiresAtMs && account < known.account)
		)
			invites.set(key, { expiresAtMs: record.expiresAtMs, account });
	}
	return invites;
}

function openInvites(grants: Grants): ReadonlyMap<string, OpenInvite> {
	const open = new Map<string, OpenInvite>();
	for (const invitation of grants.invitations) {
		const { key, record } = invitation.said.says;
		if (record.kind !== 'open' || grants.isClosed(invitation)) continue;
		const known = open.get(key);
		const isLater = known === undefined || known.expiresAtMs < record.expiresAtMs;
		open.set(key, {
			agreement: isLater ? record.agreement : known.agreement,
			expiresAtMs: isLater ? record.expiresAtMs : known.expiresAtMs,
			membersGrant:
				known !== undefined && known.membersGrant !== invitation.by ? null : membersGrantOf(invitation)
		});
	}
	return open;
}

/** Members close what they have made as members. */
const membersGrantOf = ({ by, byMember }: Invitation): string | null => (byMember ? by : null);

/** Whoever has the seed may state it again in a lane of their own: the one that was used comes before. */
function personalInvites(grants: Grants): ReadonlyMap<string, PersonalInvite> {
	const personal = new Map<string, PersonalInvite>();
	for (const invitation of grants.invitations) {
		const { said, by } = invitation;
		const { key, auth, record } = said.says;
		if (record.kind !== 'personal') continue;
		const usedBy = grants.usedBy(invitation);
		const known = personal.get(key);
		if (known !== undefined && (known.usedBy !== null || usedBy === null)) continue;
		personal.set(key, {
			lane: said.lane,
			auth,
			account: grants.accountByGrant.get(by) ?? '',
			expiresAtMs: record.expiresAtMs,
			approval: record.approval,
			membersGrant: membersGrantOf(invitation),
			usedBy,
			isClosed: grants.isClosed(invitation),
			mayBeUsed: grants.mayBeUsed(invitation)
		});
	}
	return personal;
}

/** To whom an epoch is sealed: devices of members who are here, as their control lanes certify them. */
function liveDevices(
	index: ControlIndex,
	grants: Grants,
	limits: LaneLimits,
	memberByAccount: Authority['memberByAccount']
): ReadonlyMap<string, LiveDevice> {
	const devices = new Map<string, LiveDevice>();
	for (const [lane, { account, grant, device, agreement }] of index.certificateByLane) {
		if (grants.accountByGrant.get(grant) !== account || memberByAccount.get(account)?.left !== false)
			continue;
		if (limits.capsByGrant.has(grant) || limits.capsByDevice.has(deviceKey(account, device))) continue;
		if (limits.limitOf(lane) === 0) continue;
		const known = devices.get(device);
		// A device certified twice with different keys: the same one for everybody.
		if (known === undefined || toBase64url(agreement) < toBase64url(known.agreement))
			devices.set(device, { account, agreement });
	}
	return devices;
}
