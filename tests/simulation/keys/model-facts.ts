/**
 * A small authority for the model of keys: the founder and moderators remove others, never each other, so that nothing
 * hangs on itself; what was removed counts as far as the remover knew it. The real one is checked by its own model.
 */
import type {
	EpochFacts,
	DeviceFact,
	EpochStatement,
	InviteFact
} from '../../../src/lib/conversation/epochs/epoch-facts';
import { epochsInPace } from '../../../src/lib/conversation/epochs/epoch-pace';
import { epochsInUse } from '../../../src/lib/conversation/epochs/epochs-in-use';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { epochIdOf } from '../../../src/lib/protocol/epoch';
import type { NewcomerTerms } from '../../../src/lib/protocol/epoch-records';
import { recipientOf } from '../../../src/lib/protocol/seal';
import type { ModelEntry, Says, Wants } from './model-entry';

type Saying<T extends Says['type']> = ModelEntry & { readonly says: Extract<Says, { type: T }> };

export interface Waiting {
	readonly account: string;
	readonly invite: string;
	readonly wants: Wants;
	/** Device and account that made the invitation. */
	readonly device: string;
	readonly maker: string;
}

/** An entry, control or message: what stands outside of its seal. */
export type Said = Pick<ModelEntry, 'id' | 'device' | 'account' | 'under'>;

export interface ModelFacts extends EpochFacts {
	readonly founder: string;
	readonly moderators: ReadonlySet<string>;
	/** Accounts of members who are here. */
	readonly members: ReadonlySet<string>;
	/** Devices of whoever is known to have been removed, to have left, to have lost them, or to have come by a closed link. */
	readonly gone: ReadonlySet<string>;
	/** Devices of whoever has left, and is not gone for another reason: what they say is still heard. */
	readonly left: ReadonlySet<string>;
	readonly counts: ReadonlySet<string>;
	/** Joins that want somebody's word, and have not been turned away. */
	readonly waiting: readonly Waiting[];
	/** Whether its author's word counts, or may count by what cannot be read here. */
	mayCount(said: Said): boolean;
	mayClose(account: string, invite: string): boolean;
}

/**
 * @param entries that can be read
 * @param said entries and messages that are here, also those that cannot be read
 */
export function factsOf(
	entries: readonly ModelEntry[],
	said: readonly Said[],
	latestHlc: number
): ModelFacts {
	const of = <T extends Says['type']>(type: T): readonly Saying<T>[] =>
		entries.filter((entry): entry is Saying<T> => entry.says.type === type);
	const genesis = of('genesis')[0];
	const founder = genesis?.account ?? '';
	const loses = of('lose');
	const isLive = (entry: Said): boolean =>
		loses.every((lose) => lose.says.device !== entry.device || lose.knew.has(entry.id));
	const byFounder = new Set([
		founder,
		...of('role')
			.filter((role) => role.account === founder && isLive(role))
			.map(({ says }) => says.account)
	]);
	const removals = of('remove').filter(
		(entry) => byFounder.has(entry.account) && !byFounder.has(entry.says.account) && isLive(entry)
	);
	const isKept = (entry: Said): boolean =>
		isLive(entry) && removals.every(({ says, knew }) => says.account !== entry.account || knew.has(entry.id));
	// Who may close an invitation does not hang on what it lets in: the founder, moderators, and whoever made it.
	const closes = of('close').filter(isKept);
	const isClosedBy = (close: Saying<'close'>, invite: Saying<'invite'>): boolean =>
		close.says.name === invite.says.name &&
		(byFounder.has(close.account) || close.account === invite.account);
	// Whom the founder has relied on counts, whoever let them in.
	const joined = new Set(founder === '' ? [] : byFounder);
	const joins: Saying<'join'>[] = [];
	const countsNow = (entry: Said): boolean => joined.has(entry.account) && isKept(entry);
	const adds = of('add');
	// A lane is one order: the first that its maker lets in by an invitation for one person is the only one.
	const isFirstUse = (add: Saying<'add'>): boolean =>
		adds.every(
			(each) => each.device !== add.device || each.says.invite !== add.says.invite || each.clock >= add.clock
		);
	const isAdmitted = (
		join: Saying<'join'>,
		{ says: { name, wants }, device, account }: Saying<'invite'>
	): boolean =>
		wants === 'nothing' ||
		adds.some(
			(add) =>
				add.says.invite === name &&
				add.says.account === join.account &&
				countsNow(add) &&
				(wants === 'maker'
					? add.device === device && isFirstUse(add)
					: byFounder.has(add.account) || add.account === account)
		);
	for (let before = -1; joins.length > before;) {
		before = joins.length;
		for (const join of of('join')) {
			if (joins.includes(join)) continue;
			const isLetIn = of('invite').some(
				(invite) =>
					invite.says.name === join.says.invite &&
					countsNow(invite) &&
					isAdmitted(join, invite) &&
					closes.every((close) => !isClosedBy(close, invite) || close.knew.has(join.id))
			);
			if (!isLetIn && !byFounder.has(join.account)) continue;
			joins.push(join);
			joined.add(join.account);
		}
	}
	const left = new Set(
		of('leave')
			.filter(countsNow)
			.map(({ account }) => account)
	);
	const removed = new Set(removals.map(({ says }) => says.account));
	const lost = new Set(loses.map(({ says }) => says.device));
	const members = new Set([...joined].filter((account) => !left.has(account) && !removed.has(account)));
	const devices = new Map<string, DeviceFact>();
	const note = (entry: ModelEntry, agreement: Uint8Array, via: string | null): void => {
		const name = toBase64url(recipientOf(agreement));
		const isMember = members.has(entry.account) && !lost.has(name) && countsNow(entry);
		devices.set(name, { account: entry.account, agreement, via, isMember });
	};
	if (genesis !== undefined) note(genesis, genesis.says.agreement, null);
	const wantsByInvite = new Map(of('invite').map(({ says }) => [says.name, says.wants]));
	// Who waits holds what their link gives, and no more.
	const waits = (join: Saying<'join'>): boolean =>
		!joins.includes(join) && (wantsByInvite.get(join.says.invite) ?? 'nothing') !== 'nothing';
	for (const join of of('join')) if (!waits(join)) note(join, join.says.agreement, join.says.invite);
	for (const entry of of('device')) note(entry, entry.says.agreement, null);
	const invites = new Map<string, InviteFact>();
	for (const invite of of('invite')) {
		const { name, agreement, wants } = invite.says;
		const isUsed =
			wants === 'maker' && adds.some((add) => add.says.invite === name && add.device === invite.device);
		const isOpen = countsNow(invite) && !closes.some((close) => isClosedBy(close, invite));
		invites.set(name, {
			agreement,
			under: invite.under,
			kind: wants === 'nothing' ? 'secret' : 'control',
			isOpen,
			expiresAtMs: isUsed ? 0 : Infinity
		});
	}
	const waiting = new Set(
		of('join')
			.filter(waits)
			.map(({ device }) => device)
	);
	// Whose word it is cannot be told of whoever has not been heard of.
	const mayCount = (each: Said): boolean =>
		countsNow(each) || (!devices.has(each.device) && !waiting.has(each.device));
	const used = new Set(said.filter(mayCount).map(({ under }) => under));
	const epochs = entries.flatMap((entry): EpochStatement[] => {
		const part = entry.says.type === 'epoch' || entry.says.type === 'remove' ? entry.says.epoch : null;
		if (part === null) return [];
		const id = toBase64url(epochIdOf(part.commitment));
		const counts = countsNow(entry);
		const { id: entryId, lane, clock, hlc } = entry;
		return [{ id, entryId, lane, clock, hlc, counts, part }];
	});
	const refused = new Set(
		of('join')
			.filter((join) => !joins.includes(join) && closes.some((close) => close.says.name === join.says.invite))
			.map(({ account }) => account)
	);
	const isThrownOut = (name: string, account: string): boolean =>
		removed.has(account) || lost.has(name) || (refused.has(account) && !joined.has(account));
	const goneBy = (isGone: (name: string, account: string) => boolean): ReadonlySet<string> =>
		new Set([...devices].filter(([name, { account }]) => isGone(name, account)).map(([name]) => name));
	return {
		genesis:
			genesis === undefined
				? null
				: {
						commitment: genesis.says.commitment,
						hlc: genesis.hlc,
						holder: toBase64url(recipientOf(genesis.says.agreement))
					},
		epochs: epochsInPace(epochsInUse(epochs, used), latestHlc),
		seals: of('seal').map((entry) => ({ record: entry.says.record, counts: countsNow(entry) })),
		pasts: of('past').map((entry) => ({ record: entry.says.record, counts: countsNow(entry) })),
		unopened: of('unopened').map((entry) => ({
			recipient: entry.device,
			epoch: entry.says.epoch,
			counts: countsNow(entry)
		})),
		devices,
		invites,
		newcomers: newcomersBy(of('settings').filter(({ account }) => account === founder)),
		founder,
		moderators: byFounder,
		members,
		gone: goneBy((name, account) => left.has(account) || isThrownOut(name, account)),
		left: goneBy((name, account) => left.has(account) && !isThrownOut(name, account)),
		counts: new Set(entries.filter(countsNow).map(({ id }) => id)),
		mayCount,
		waiting: of('join')
			.filter(waits)
			.flatMap(({ account, says: { invite } }) =>
				of('invite')
					.filter(({ says }) => says.name === invite)
					.map(({ says: { wants }, device, account: maker }) => ({ account, invite, wants, device, maker }))
			),
		mayClose: (account, name) =>
			byFounder.has(account) ||
			of('invite').some((invite) => invite.says.name === name && invite.account === account)
	};
}

function newcomersBy(settings: readonly Saying<'settings'>[]): NewcomerTerms {
	const [last] = [...settings].sort((a, b) => b.hlc - a.hlc || b.clock - a.clock);
	return last?.says.newcomers ?? 'secret';
}
