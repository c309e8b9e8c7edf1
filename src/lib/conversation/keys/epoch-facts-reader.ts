/**
 * What the epochs of a conversation follow from, read from its control entries and the authority that is folded from
 * them. Decides nothing: the rules are in `epochs`. The same entries give the same facts, in any order.
 */
import { toBase64url } from '../../protocol/base64url';
import { epochIdOf } from '../../protocol/epoch';
import type { EpochPart, NewcomerTerms } from '../../protocol/epoch-records';
import type { InviteRecord } from '../../protocol/membership-records';
import type { KnownRecord, LaneRecord, UnknownRecord } from '../../protocol/records';
import { recipientOf } from '../../protocol/seal';
import type { Authority, ReadsStatements } from '../authority';
import type { DeviceFact, EpochFacts, EpochStatement, InviteFact } from '../epochs/epoch-facts';
import { epochsInPace } from '../epochs/epoch-pace';
import { epochsInUse } from '../epochs/epochs-in-use';
import { unread, type OpenedEntry } from '../opening';

export interface FactSources {
	readonly authority: Authority;
	/** What the authority follows from. */
	readonly entries: readonly OpenedEntry[];
	/** Of lanes whose grant is not known: what they seal and link opens all the same, what they say does not count. */
	readonly waiting: readonly OpenedEntry[];
	/** Base64url ids of epochs that stand in headers of messages here and are not held. */
	readonly named: ReadonlySet<string>;
	/** Epochs that claim to be later are not there yet. */
	readonly latestHlc: number;
}

type Entry<R extends KnownRecord['type']> = OpenedEntry & {
	readonly record: Extract<KnownRecord, { type: R }>;
};

export class EpochFactsReader {
	readonly #nameByKey = new WeakMap<Uint8Array, string>();

	constructor(readonly statements: ReadsStatements) {}

	read({ authority, entries, waiting, named, latestHlc }: FactSources): EpochFacts {
		const certificateByLane = new Map<number, LaneRecord>();
		const byType = new Map<string, OpenedEntry[]>();
		for (const entry of [...entries, ...waiting]) {
			if (!entry.sound) continue;
			if (entry.clock === 0 && entry.record.type === 'lane') certificateByLane.set(entry.lane, entry.record);
			push(byType, entry.record.type, entry);
		}
		const of = <R extends KnownRecord['type']>(type: R): readonly Entry<R>[] =>
			(byType.get(type) ?? []) as unknown as readonly Entry<R>[];
		const counts = ({ lane, clock }: OpenedEntry): boolean =>
			clock < (authority.limitByControlLane.get(lane) ?? 0);
		const inviteByKey = this.#invitesByKey(of('invite'), authority, counts);
		// Whose word it is cannot be told of those that do not open: it may count. A lane may even begin under an epoch that
		// stands further on in it, said again after a fork.
		const used = [...entries, ...waiting].filter((entry) => counts(entry) || entry.record === unread);
		const allNamed = new Set([...named, ...used.map(({ epoch }) => epoch)]);
		const genesis = of('genesis').find(({ lane, record }) => this.#founds(record, lane));
		const holder = genesis && certificateByLane.get(genesis.lane);
		const statements = [...of('epoch'), ...of('remove')].flatMap((entry) => {
			const part = entry.record.type === 'remove' ? entry.record.epoch : entry.record;
			return part === null ? [] : [statementOf(entry, part, counts(entry))];
		});
		return {
			genesis:
				genesis === undefined || holder === undefined
					? null
					: {
							commitment: genesis.record.commitment,
							hlc: genesis.hlc,
							holder: this.#nameOf(holder.agreement)
						},
			epochs: epochsInPace(epochsInUse(statements, allNamed), latestHlc),
			seals: of('seal').map((entry) => ({ record: entry.record, counts: counts(entry) })),
			pasts: of('past').map((entry) => ({ record: entry.record, counts: counts(entry) })),
			unopened: of('unopened').flatMap((entry) => {
				const recipient = toBase64url(entry.record.recipient);
				const speaker = certificateByLane.get(entry.lane);
				// Nobody says it for another device.
				if (speaker === undefined || this.#nameOf(speaker.agreement) !== recipient) return [];
				const said = { recipient, counts: counts(entry) };
				return entry.record.epochs.map((epoch) => ({ ...said, epoch: toBase64url(epoch) }));
			}),
			devices: this.#devices(authority, certificateByLane, of('join'), inviteByKey),
			invites: new Map(
				[...inviteByKey.values()].map(({ recipient, ...fact }): [string, InviteFact] => [recipient, fact])
			),
			newcomers: newcomersOf(authority)
		};
	}

	#founds(record: KnownRecord, lane: number): boolean {
		const says = this.statements.of(record);
		return says.type === 'genesis' && says.founds && says.lane === lane;
	}

	/** All that were ever made: who has a link of one that does not count has the epoch that it holds. */
	#invitesByKey(
		entries: readonly Entry<'invite'>[],
		authority: Authority,
		counts: (entry: OpenedEntry) => boolean
	): ReadonlyMap<string, InviteFact & { readonly recipient: string }> {
		const invites = new Map<string, InviteFact & { readonly recipient: string }>();
		const inOrder = [...entries].sort(
			(a, b) => Number(counts(b)) - Number(counts(a)) || (a.id < b.id ? -1 : 1)
		);
		for (const { epoch, record } of inOrder) {
			const key = toBase64url(record.invitePublicKey);
			if (invites.has(key)) continue;
			const { agreement } = record;
			const personal = authority.personalInvites.get(key);
			// Who came by a personal link has it still, and nobody else comes by it: it is no reason to begin an epoch, and
			// is sealed none.
			const isUsed = personal !== undefined && personal.usedBy !== null;
			const isOpen = personal === undefined ? authority.openInvites.has(key) : !personal.isClosed;
			const expiresAtMs = isUsed ? 0 : record.expiresAtMs;
			const kind = mayReadBy(record) ? 'secret' : 'control';
			invites.set(key, {
				recipient: this.#nameOf(agreement),
				agreement,
				under: epoch,
				kind,
				isOpen,
				expiresAtMs
			});
		}
		return invites;
	}

	/** Of everybody who is, or was, a member. Who waits to be let in holds what their link gives, and no more. */
	#devices(
		authority: Authority,
		certificateByLane: ReadonlyMap<number, LaneRecord>,
		joins: readonly Entry<'join'>[],
		inviteByKey: ReadonlyMap<string, { readonly recipient: string }>
	): ReadonlyMap<string, DeviceFact> {
		const viaByGrant = new Map<string, string>();
		for (const { record } of joins) {
			const says = this.statements.of(record);
			const invite = says.type === 'join' ? inviteByKey.get(says.key) : undefined;
			if (says.type === 'join' && invite !== undefined) viaByGrant.set(says.grant, invite.recipient);
		}
		const here = new Set([...authority.devices.values()].map(({ agreement }) => this.#nameOf(agreement)));
		const devices = new Map<string, DeviceFact & { readonly grant: string; readonly isRemoved: boolean }>();
		for (const certificate of certificateByLane.values()) {
			const says = this.statements.of(certificate);
			if (says.type !== 'lane') continue;
			const { grant, account, agreement } = says;
			if (authority.accountByGrant.get(grant) !== account) continue;
			const name = this.#nameOf(agreement);
			const isRemoved = authority.capsByGrant.has(grant);
			const known = devices.get(name);
			// Who has come back is here by the newer invitation, whichever certificate was met first.
			if (known !== undefined && (known.isRemoved === isRemoved ? known.grant <= grant : isRemoved)) continue;
			const via = viaByGrant.get(grant) ?? null;
			devices.set(name, { account, agreement, via, isMember: here.has(name), grant, isRemoved });
		}
		return devices;
	}

	#nameOf(agreement: Uint8Array): string {
		const known = this.#nameByKey.get(agreement);
		if (known !== undefined) return known;
		const name = toBase64url(recipientOf(agreement));
		this.#nameByKey.set(agreement, name);
		return name;
	}
}

/** What a group's settings let newcomers have. */
export function newcomersOf({ history, approval }: Pick<Authority, 'history' | 'approval'>): NewcomerTerms {
	if (history === 'none') return 'none';
	if (history === 'since-join') return 'control';
	return approval ? 'approved' : 'secret';
}

/** Whether an invitation gives messages to whoever has it, rather than to whoever has been let in by it. */
export const mayReadBy = ({ kind, approval }: Pick<InviteRecord, 'kind' | 'approval'>): boolean =>
	kind === 'open' && !approval;

function statementOf(
	{ id: entryId, lane, clock, hlc }: OpenedEntry,
	part: EpochPart,
	counts: boolean
): EpochStatement {
	return { id: toBase64url(epochIdOf(part.commitment)), entryId, lane, clock, hlc, counts, part };
}

function push<K, V>(listByKey: Map<K, V[]>, key: K, value: V): void {
	const list = listByKey.get(key);
	if (list === undefined) listByKey.set(key, [value]);
	else list.push(value);
}

/** Whether a record may give an epoch to somebody: only after these is there anything new to open. */
export function givesEpochs({ type }: KnownRecord | UnknownRecord): boolean {
	return type === 'epoch' || type === 'remove' || type === 'seal' || type === 'past';
}
