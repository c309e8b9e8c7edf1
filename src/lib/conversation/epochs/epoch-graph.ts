/**
 * Epochs as a graph: who may hold which, and whether one may be written under. A pure function of the facts, with no
 * keys and no clock, so that all members who know the same agree.
 *
 *   height    1 + the greatest of the parents'; the genesis has 0
 *   held by   to whom it, or any epoch that descends from it, was sealed or given by a link: links lead downwards
 *   tight     held by nobody but members' devices and open invitations
 *   covers    a device can be expected to open it, by a seal or by links
 *   shown     a message segment that is passed on to somebody, where what was said before they came is not
 */
import { toBase64url } from '../../protocol/base64url';
import { epochIdOf } from '../../protocol/epoch';
import {
	kindForInvites,
	revealsPast,
	type ParentLink,
	type Seal,
	type SealedKind
} from '../../protocol/epoch-records';
import { isSoundAgreementKey } from '../../protocol/seal';
import type { EpochFacts, EpochStatement } from './epoch-facts';
import { highestFirst, placeEpochs, type Epoch } from './epoch-places';

export { highestFirst, type Epoch };

export class EpochGraph {
	readonly byId: ReadonlyMap<string, Epoch>;
	readonly #childrenById = new Map<string, string[]>();
	readonly #linksById = new Map<string, ParentLink[]>();
	/** "kind child/parent" of links that count */
	readonly #linked = new Set<string>();
	readonly #invitesById = new Map<string, Set<string>>();
	/** By "epoch/recipient": how often it was sealed, where that counts. */
	readonly #sealCounts = new Map<string, { secret: number; control: number }>();
	readonly #sealedTo = new Map<string, string[]>();
	readonly #sealsById = new Map<string, Seal[]>();
	readonly #devicesByInvite = new Map<string, string[]>();
	readonly #holdersById = new Map<string, ReadonlySet<string>>();
	readonly #burnt = new Set<string>();
	readonly #members: ReadonlyMap<string, Uint8Array>;
	/** First segments of epochs that count, ascending, each with its epochs. */
	readonly #epochsByFirstSegment: readonly (readonly [firstSegment: number, ids: readonly string[]])[];
	readonly #shownByPlace = new Map<string, boolean>();

	constructor(readonly facts: EpochFacts) {
		this.#members = new Map(
			[...facts.devices]
				.filter(([, { isMember, agreement }]) => isMember && isSoundAgreementKey(agreement))
				.map(([recipient, { agreement }]) => [recipient, agreement])
		);
		const founding = facts.genesis && toBase64url(epochIdOf(facts.genesis.commitment));
		const statementsById = new Map<string, EpochStatement[]>();
		for (const statement of facts.epochs)
			if (statement.id !== founding) push(statementsById, statement.id, statement);
		for (const statements of statementsById.values()) this.#noteChildren(statements);
		this.byId = placeEpochs(facts.genesis, statementsById);
		for (const [recipient, { via }] of facts.devices)
			if (via !== null) push(this.#devicesByInvite, via, recipient);
		for (const [recipient, { under }] of facts.invites) this.#give(under, recipient);
		for (const epoch of this.byId.values())
			for (const recipient of epoch.recipients)
				if (facts.invites.has(recipient)) this.#give(epoch.id, recipient);
		for (const { record, counts } of facts.pasts) {
			const id = toBase64url(record.epoch);
			for (const link of record.links) {
				push(this.#linksById, id, link);
				if (!counts) continue;
				this.#linked.add(`control ${id}/${toBase64url(link.epoch)}`);
				if (link.secret !== null) this.#linked.add(`secret ${id}/${toBase64url(link.epoch)}`);
			}
		}
		for (const { id, parts } of this.byId.values())
			for (const seal of parts.flatMap((part) => part.seals)) push(this.#sealsById, id, seal);
		for (const { record, counts } of facts.seals) {
			const id = toBase64url(record.epoch);
			for (const seal of record.seals) {
				push(this.#sealsById, id, seal);
				if (!counts) continue;
				const key = `${id}/${toBase64url(seal.recipient)}`;
				const sums = this.#sealCounts.get(key) ?? { secret: 0, control: 0 };
				sums[record.kind]++;
				this.#sealCounts.set(key, sums);
				push(this.#sealedTo, id, toBase64url(seal.recipient));
			}
		}
		this.#burn();
		const idsByFirst = new Map<number, string[]>();
		for (const { id, height, counts, firstSegment } of this.byId.values())
			if (height !== null && counts) push(idsByFirst, firstSegment, id);
		this.#epochsByFirstSegment = [...idsByFirst].sort(([a], [b]) => a - b);
	}

	/**
	 * Epochs that somebody can open and none of whose children they can: from these a newcomer would reach no other. What
	 * a member has sealed to nobody but themselves hides nothing. Those that do not count come last, however high: else
	 * whoever was removed could push out of a new epoch's parents what everybody holds.
	 */
	frontier(canOpen: (id: string) => boolean): readonly Epoch[] {
		// One whose parents cannot all be placed leads nowhere yet, and hides nothing either.
		const isPlaced = (id: string): boolean => this.byId.get(id)?.height != null && canOpen(id);
		return [...this.byId.values()]
			.filter(({ id }) => isPlaced(id))
			.filter(({ id }) => !(this.#childrenById.get(id) ?? []).some(isPlaced))
			.sort((a, b) => Number(b.counts) - Number(a.counts) || highestFirst(a, b));
	}

	/** Recipient names of all devices and invitations that may hold the secret, or the control secret, of an epoch. */
	holdersOf(id: string): ReadonlySet<string> {
		const known = this.#holdersById.get(id);
		if (known !== undefined) return known;
		const holders = new Set<string>();
		const seen = new Set<string>();
		for (const open = [id]; open.length > 0;) {
			const next = open.pop() as string;
			if (seen.has(next)) continue;
			seen.add(next);
			for (const recipient of this.#directHolders(next)) holders.add(recipient);
			open.push(...(this.#childrenById.get(next) ?? []));
		}
		this.#holdersById.set(id, holders);
		return holders;
	}

	isTight(id: string): boolean {
		for (const recipient of this.holdersOf(id)) {
			if (this.facts.devices.get(recipient)?.isMember === true) continue;
			if (!this.isInviteOpen(recipient)) return false;
		}
		return true;
	}

	/**
	 * An invitation is worth sealing to while nobody has closed it and nobody has gone since who could have its link:
	 * whoever could read under its epoch, or later, may know the seed.
	 */
	isInviteOpen(recipient: string): boolean {
		return this.facts.invites.get(recipient)?.isOpen === true && !this.#burnt.has(recipient);
	}

	/** Whether a device can be expected to open an epoch, to this extent. @param unaided but by its `seal` records */
	covers(id: string, recipient: string, kind: SealedKind, unaided = false): boolean {
		const via = this.facts.devices.get(recipient)?.via ?? null;
		const seen = new Set<string>();
		for (const open = [id]; open.length > 0;) {
			const next = open.pop() as string;
			if (seen.has(next)) continue;
			seen.add(next);
			const epoch = this.byId.get(next);
			if (epoch?.recipients.has(recipient) === true) return true;
			const sealed = unaided && next === id ? undefined : this.#sealCounts.get(`${next}/${recipient}`);
			if (sealed !== undefined && (kind === 'control' || sealed.secret > 0)) return true;
			if (via !== null && this.#invitesById.get(next)?.has(via) === true)
				if (kind === 'control' || this.#isReadBy(next, via)) return true;
			for (const child of this.#childrenById.get(next) ?? [])
				if (this.isLinked(child, next, kind)) open.push(child);
		}
		return false;
	}

	/**
	 * What a member's device is to have of an epoch: what was said too, if newcomers may read it, then and now, or if it
	 * was said to the member as well.
	 */
	rightTo(id: string, recipient: string): SealedKind {
		const terms = this.byId.get(id)?.newcomers;
		if (terms !== undefined && revealsPast(terms) && revealsPast(this.facts.newcomers)) return 'secret';
		const account = this.facts.devices.get(recipient)?.account;
		for (const [other, device] of this.facts.devices)
			if (device.account === account && this.covers(id, other, 'secret')) return 'secret';
		return 'control';
	}

	/** Where a stretch of message segments begins that stand or fall together, ascending. */
	get firstSegments(): readonly number[] {
		return this.#epochsByFirstSegment.map(([firstSegment]) => firstSegment);
	}

	/**
	 * Whether a message segment is for somebody: always, unless the settings withhold what was said before they came; then
	 * if they have a right to an epoch of those that begin last, up to there (docs/decisions/0034).
	 * @param account id of a member; of somebody else no segment is
	 */
	isShown(segment: number, account: string): boolean {
		if (this.facts.newcomers !== 'none') return true;
		const stretch = this.#epochsByFirstSegment.findLast(([firstSegment]) => firstSegment <= segment);
		if (stretch === undefined) return false;
		const [firstSegment, ids] = stretch;
		const place = `${firstSegment} ${account}`;
		const known = this.#shownByPlace.get(place);
		if (known !== undefined) return known;
		const own = [...this.facts.devices].find(([, device]) => device.account === account && device.isMember);
		const isShown = own !== undefined && ids.some((id) => this.rightTo(id, own[0]) === 'secret');
		this.#shownByPlace.set(place, isShown);
		return isShown;
	}

	/** Member devices that lack what they are to have, and to what extent. */
	gapsOf(id: string): ReadonlyMap<string, SealedKind> {
		const gaps = new Map<string, SealedKind>();
		for (const [recipient] of this.members()) {
			const right = this.rightTo(id, recipient);
			const { said, sources } = this.claims(id, recipient);
			if ((said > 0 && said >= sources) || !this.covers(id, recipient, right)) gaps.set(recipient, right);
		}
		return gaps;
	}

	/**
	 * How often a device has said that it cannot open an epoch, and of how many sources it was given. It says it once for
	 * each; once it has for all, it needs another.
	 */
	claims(id: string, recipient: string): { readonly said: number; readonly sources: number } {
		const said = this.facts.unopened.filter(
			(claim) => claim.counts && claim.epoch === id && claim.recipient === recipient
		);
		const counts = this.#sealCounts.get(`${id}/${recipient}`) ?? { secret: 0, control: 0 };
		const isGiven = this.covers(id, recipient, 'control', true);
		return { said: said.length, sources: counts.secret + counts.control + Number(isGiven) };
	}

	/**
	 * Whether messages may be written under an epoch: nobody holds it who should not, it and all that descend from it treat
	 * newcomers as the settings say, and no member is shut out of it whom a seal could not let in. Under a descendant with
	 * other terms the settings have been others meanwhile: whoever came by a link to this one could not read those that
	 * hold now (docs/decisions/0023).
	 */
	isClean(id: string): boolean {
		const epoch = this.byId.get(id);
		if (epoch?.height == null || !epoch.counts) return false;
		if (!this.#isOnSettingsTerms(id) || !this.isTight(id)) return false;
		for (const [recipient] of this.members()) if (this.rightTo(id, recipient) === 'control') return false;
		return true;
	}

	#isOnSettingsTerms(id: string): boolean {
		const seen = new Set<string>();
		for (const open = [id]; open.length > 0;) {
			const next = open.pop() as string;
			if (seen.has(next)) continue;
			seen.add(next);
			if (this.byId.get(next)?.newcomers !== this.facts.newcomers) return false;
			open.push(...(this.#childrenById.get(next) ?? []));
		}
		return true;
	}

	/** Links of an epoch to its parents. */
	linksOf(id: string): readonly ParentLink[] {
		return this.#linksById.get(id) ?? [];
	}

	/** Whether an epoch's past has been said, as far as a parent and this kind go. */
	isLinked(child: string, parent: string, kind: SealedKind): boolean {
		return this.#linked.has(`${kind} ${child}/${parent}`);
	}

	/** Ids of epochs that were sealed to anybody, also of some that nothing else is known of here. */
	sealedIds(): Iterable<string> {
		return this.#sealsById.keys();
	}

	/** All that were made of an epoch. */
	sealsOf(id: string): readonly Seal[] {
		return this.#sealsById.get(id) ?? [];
	}

	/** Devices of members with keys that can be sealed to; of others nobody can say a thing. */
	members(): ReadonlyMap<string, Uint8Array> {
		return this.#members;
	}

	#directHolders(id: string): Set<string> {
		const holders = new Set(this.byId.get(id)?.recipients);
		for (const recipient of this.#sealedTo.get(id) ?? []) holders.add(recipient);
		for (const invite of this.#invitesById.get(id) ?? []) {
			holders.add(invite);
			for (const device of this.#devicesByInvite.get(invite) ?? []) holders.add(device);
		}
		return holders;
	}

	/** Whether an invitation to which an epoch was given has got more of it than the control secret. */
	#isReadBy(id: string, invite: string): boolean {
		const terms = this.byId.get(id)?.newcomers ?? 'control';
		return kindForInvites(terms) === 'secret' && this.facts.invites.get(invite)?.kind === 'secret';
	}

	#give(id: string, invite: string): void {
		const invites = this.#invitesById.get(id) ?? new Set();
		this.#invitesById.set(id, invites.add(invite));
	}

	/**
	 * Invitations whose links somebody may have who should not: links are passed on where members talk. One that is known
	 * so gives away those that were made under epochs sealed to it, and so on.
	 */
	#burn(): void {
		for (let before = -1; before < this.#burnt.size;) {
			before = this.#burnt.size;
			for (const [recipient, { under }] of this.facts.invites)
				if (!this.isTight(under)) this.#burnt.add(recipient);
		}
	}

	/**
	 * Only of those that count. Anybody can name as a parent what they do not hold, somebody removed too; if they did hold
	 * it, it is not tight for that reason alone.
	 */
	#noteChildren(statements: readonly EpochStatement[]): void {
		for (const { id, part, counts } of statements)
			if (counts) for (const parent of part.parents) push(this.#childrenById, toBase64url(parent), id);
	}
}

function push<K, V>(listByKey: Map<K, V[]>, key: K, value: V): void {
	const list = listByKey.get(key);
	if (list === undefined) listByKey.set(key, [value]);
	else list.push(value);
}
