/**
 * Stratum 0, the owner chain (protocol 4). It stands on nothing but itself: the genesis, what owners say in the control
 * lanes that are theirs, and what their account keys have signed.
 *
 *   tenure   the time of one owner; begun by the genesis, or by a transfer
 *   seat     the control lane from which an owner acts; a tenure has one, and one more for each handover
 *
 * An act counts if it cites the seat whose lane it stands in. A tenure ends with a transfer that its owner's account key
 * has signed and that cites the new owner's consent. From there on forks of the old lanes, handovers and further
 * transfers change nothing: the caps of a transfer name the entries that it leaves behind, so they pin their branch.
 */
import type { ControlIndex, Said } from './control-index';
import { deviceKey } from './devices';
import { narrow, type LaneCaps } from './lane-caps';
import type { OwnerStatement, SettingsStatement } from './statement';
import type { Verdict } from './verdict';

export interface Seat {
	readonly id: string;
	readonly lane: number;
	/** 0 for the one with which the tenure begins. */
	readonly counter: number;
	/** How far the lanes of seats with lower counters count; null for the first. */
	readonly caps: LaneCaps | null;
}

export interface Tenure {
	/** Also the id of its first seat. */
	readonly id: string;
	readonly account: string;
	readonly grant: string;
	readonly lane: number;
}

export interface EndedTenure extends Tenure {
	readonly seats: readonly string[];
	/** What its owner's lanes say until there counts as the owner's word; null for the tenure that lasts. */
	readonly until: LaneCaps | null;
}

export interface RoleGrant {
	readonly grant: string;
	/** How far it reaches after it was taken back; null while it holds. */
	powerCaps: LaneCaps | null;
}

export class OwnerChain {
	readonly tenures: EndedTenure[] = [];
	/** Ids of acts that count. */
	readonly acts = new Set<string>();
	readonly capsByGrant = new Map<string, LaneCaps>();
	readonly roleById = new Map<string, RoleGrant>();
	/** Id of the role record by grant of those who moderate now. */
	readonly roleIdByGrant = new Map<string, string>();
	/** Grants that were ever promoted, or owners: moderators cannot touch them. */
	readonly trusted = new Set<string>();
	/** Grants that count because an owner has relied on them, whoever let them in. */
	readonly confirmed = new Set<string>();
	readonly settings: Said<SettingsStatement>[] = [];
	readonly verdictById = new Map<string, Verdict>();
	/** The tenure that lasts; null before there is a genesis. */
	tenure: Tenure | null = null;
	seat: Seat | null = null;

	constructor(
		readonly index: ControlIndex,
		readonly capsByDevice: ReadonlyMap<string, LaneCaps>
	) {
		const { genesis, conversation } = index;
		if (genesis === null) return;
		this.#begin({
			id: conversation,
			account: genesis.says.account,
			grant: conversation,
			lane: genesis.lane
		});
	}

	/** One tenure after the other. Seats are hashes over the seat before, so this ends. */
	#begin(first: Tenure): void {
		for (let tenure: Tenure | null = first; tenure !== null;) {
			this.tenure = tenure;
			this.trusted.add(tenure.grant);
			this.confirmed.add(tenure.grant);
			const seats = this.#seatsOf(tenure);
			const end = this.#endOf(tenure, seats);
			const seat = end?.seat ?? (seats[0] as Seat);
			this.seat = seat;
			const until = end === null ? null : this.index.capsOf(end.transfer.says.caps);
			for (const said of this.#actsOf(seats, seat, until)) this.#apply(said, tenure);
			this.tenures.push({ ...tenure, seats: seats.map(({ id }) => id), until });
			tenure = end === null ? null : end.next;
		}
	}

	/** Highest counter first. */
	#seatsOf(tenure: Tenure): readonly Seat[] {
		const { index } = this;
		const seats: Seat[] = [{ id: tenure.id, lane: tenure.lane, counter: 0, caps: null }];
		for (const { says, id } of index.ofType('handover')) {
			if (says.tenure !== tenure.id || says.account !== tenure.account) continue;
			const certificate = index.certificateByLane.get(says.lane);
			if (certificate?.account !== tenure.account || certificate.grant !== tenure.grant || says.counter < 1) {
				this.verdictById.set(id, 'no-such-lane');
				continue;
			}
			this.verdictById.set(id, 'counts');
			if (seats.some((seat) => seat.id === says.newSeat)) continue;
			const caps = index.capsOf(says.caps);
			seats.push({ id: says.newSeat, lane: says.lane, counter: says.counter, caps });
		}
		return seats.sort((a, b) => b.counter - a.counter || (a.id < b.id ? -1 : 1));
	}

	/**
	 * The transfer that ends a tenure. A seat from which the group was given away comes before seats with more of
	 * handovers: an owner who has left cannot come back by a handover, because nobody consents to that seat. And one
	 * with a higher counter comes first, because a consent that an earlier seat never used may be lying about.
	 */
	#endOf(
		tenure: Tenure,
		seats: readonly Seat[]
	): { readonly seat: Seat; readonly transfer: Said<OwnerStatement>; readonly next: Tenure } | null {
		for (const seat of seats) {
			const transfers = this.index
				.ofType('owner')
				.filter(({ says }) => says.seat === seat.id && says.account === tenure.account);
			// The seat's lane is an order; between other lanes there is none, so names have to do.
			const elsewhere = transfers
				.filter(({ lane }) => lane !== seat.lane)
				.sort((a, b) => (a.says.newSeat < b.says.newSeat ? -1 : 1));
			for (const transfer of [...transfers.filter(({ lane }) => lane === seat.lane), ...elsewhere]) {
				const verdict = this.#judge(transfer, tenure, seats, seat);
				this.verdictById.set(transfer.id, verdict);
				if (verdict !== 'counts') continue;
				const { newSeat: id, grant, lane } = transfer.says;
				const account = this.index.accountByClaimedGrant.get(grant) as string;
				return { seat, transfer, next: { id, account, grant, lane } };
			}
		}
		return null;
	}

	#judge({ says }: Said<OwnerStatement>, tenure: Tenure, seats: readonly Seat[], seat: Seat): Verdict {
		const { index } = this;
		const account = index.accountByClaimedGrant.get(says.grant);
		const certificate = index.certificateByLane.get(says.lane);
		const consent = index.byId(says.consent);
		if (says.grant === tenure.grant || account === undefined) return 'no-such-grant';
		if (certificate?.grant !== says.grant || certificate.account !== account) return 'no-such-lane';
		// A fork may have killed the consent since: it has been relied on, by name.
		if (consent?.says.type !== 'consent' || consent.says.seat !== seat.id || consent.lane !== says.lane)
			return 'no-consent';
		if (this.capsByGrant.has(says.grant)) return 'removed-before';
		for (const { says: act } of this.#actsOf(seats, seat, index.capsOf(says.caps))) {
			if (act.type === 'remove' && act.grants.includes(says.grant)) return 'removed-before';
		}
		return 'counts';
	}

	/** Acts of a tenure in their order. */
	*#actsOf(seats: readonly Seat[], last: Seat, until: LaneCaps | null): Generator<Said> {
		for (const seat of [...seats].reverse()) {
			if (seat.counter > last.counter || (seat.counter === last.counter && seat !== last)) continue;
			const limit =
				until !== null
					? until.limitOf(seat.lane)
					: seat === last
						? this.#limitOf(seat.lane)
						: (last.caps?.limitOf(seat.lane) ?? 0);
			for (const said of this.index.inLane(seat.lane)) {
				if (said.clock >= limit) break;
				if ('auth' in said.says && said.says.auth === seat.id) yield said;
			}
		}
	}

	/** The lane of the seat is forked, or its device removed: nothing more counts from it. */
	get isFrozen(): boolean {
		return this.seat !== null && this.#limitOf(this.seat.lane) < Infinity;
	}

	#limitOf(lane: number): number {
		const { account = '', device = '' } = this.index.certificateByLane.get(lane) ?? {};
		const caps = this.capsByDevice.get(deviceKey(account, device));
		return caps?.limitOf(lane) ?? this.index.forkLimitOf(lane);
	}

	#apply(said: Said, tenure: Tenure): void {
		const { says, id } = said;
		const verdict = this.#verdictOn(said, tenure);
		this.verdictById.set(id, verdict);
		if (verdict !== 'counts') return;
		this.acts.add(id);
		if (says.type === 'settings') this.settings.push({ ...said, says });
		else if (says.type === 'role') {
			if (says.role === 'member') this.#takePower(says.grant, this.index.capsOf(says.caps));
			else {
				this.roleById.set(id, { grant: says.grant, powerCaps: null });
				this.roleIdByGrant.set(says.grant, id);
				this.trusted.add(says.grant);
				this.confirmed.add(says.grant);
			}
		} else if (says.type === 'remove') {
			const caps = this.index.capsOf(says.caps);
			for (const grant of says.grants) {
				if (grant === tenure.grant) continue;
				narrow(this.capsByGrant, grant, caps);
				this.#takePower(grant, caps);
			}
		}
	}

	#verdictOn({ says }: Said, tenure: Tenure): Verdict {
		if (says.type === 'role') {
			if (says.grant === tenure.grant) return 'protected';
			if (this.capsByGrant.has(says.grant)) return 'removed-before';
		}
		if (says.type === 'remove' && says.grants.every((grant) => grant === tenure.grant)) return 'protected';
		return 'counts';
	}

	#takePower(grant: string, caps: LaneCaps): void {
		this.roleIdByGrant.delete(grant);
		for (const role of this.roleById.values())
			if (role.grant === grant) role.powerCaps = role.powerCaps === null ? caps : role.powerCaps.and(caps);
	}
}
