/** The set of control entries in one order, whatever the order in which they came, with the ways to look things up. */
import { controlSegment } from '../../protocol/ids';
import type { ControlEntry } from '../authority';
import { LaneCaps, laneKey } from './lane-caps';
import type { CapClaim, LaneStatement, ReadsStatements, Statement } from './statement';

export interface Said<S extends Statement = Statement> {
	readonly id: string;
	readonly lane: number;
	readonly clock: number;
	readonly hlc: number;
	readonly says: S;
}

export class ControlIndex {
	/** By lane, then clock: whatever is folded in this order is the same for everybody. */
	readonly all: readonly Said[];
	readonly certificateByLane = new Map<number, LaneStatement>();
	/** "segment/lane" → clock from which the lane is dead */
	readonly forkClockByLane = new Map<string, number>();
	/** As records claim it, whether or not they count: a grant's name fixes its account. */
	readonly accountByClaimedGrant = new Map<string, string>();
	readonly #forkClockByControlLane = new Map<number, number>();
	readonly #saidByLane = new Map<number, Said[]>();
	readonly #saidById = new Map<string, Said>();
	readonly #saidByType = new Map<Statement['type'], Said[]>();
	/** What makes it a direct conversation; null in a group. */
	readonly direct: Said<Extract<Statement, { type: 'direct' }>> | null;
	readonly genesis: Said<Extract<Statement, { type: 'genesis' }>> | null;

	/**
	 * @param conversation its id, base64url
	 * @param entries each (lane, clock) at most once; those that are not sound are left out
	 */
	constructor(
		readonly conversation: string,
		entries: readonly ControlEntry[],
		statements: ReadsStatements
	) {
		const all: Said[] = [];
		for (const { id, lane, clock, hlc, record, sound } of entries)
			if (sound) all.push({ id, lane, clock, hlc, says: statements.of(record) });
		this.all = all.sort((a, b) => a.lane - b.lane || a.clock - b.clock);
		for (const said of this.all) this.#note(said);
		this.genesis = this.ofType('genesis').find(({ lane, says }) => says.founds && says.lane === lane) ?? null;
		// True by the conversation's id, in whatever lane it stands.
		this.direct = this.ofType('direct').find(({ says }) => says.founds) ?? null;
		for (const [grant, account] of this.direct?.says.accountByGrant ?? [])
			this.accountByClaimedGrant.set(grant, account);
		if (this.genesis !== null) this.accountByClaimedGrant.set(conversation, this.genesis.says.account);
	}

	ofType<T extends Statement['type']>(type: T): readonly Said<Extract<Statement, { type: T }>>[] {
		return (this.#saidByType.get(type) ?? []) as Said<Extract<Statement, { type: T }>>[];
	}

	byId(id: string): Said | undefined {
		return this.#saidById.get(id);
	}

	inLane(lane: number): readonly Said[] {
		return this.#saidByLane.get(lane) ?? [];
	}

	/** First clock of a control lane that is dead by a fork; Infinity if there is none. */
	forkLimitOf(lane: number): number {
		return this.#forkClockByControlLane.get(lane) ?? Infinity;
	}

	/** The caps, as far as they name entries that are here. */
	capsOf(claims: readonly CapClaim[]): LaneCaps {
		return LaneCaps.of(claims, ({ lane, clock, idPrefix }) => {
			const said = this.#at(lane, clock);
			return said !== undefined && said.id.startsWith(idPrefix);
		});
	}

	#at(lane: number, clock: number): Said | undefined {
		const entries = this.inLane(lane);
		const guess = entries[clock];
		return guess?.clock === clock ? guess : entries.find((said) => said.clock === clock);
	}

	#note(said: Said): void {
		const { says, lane } = said;
		push(this.#saidByLane, lane, said);
		push(this.#saidByType, says.type, said);
		this.#saidById.set(said.id, said);
		if (says.type === 'lane' && said.clock === 0) this.certificateByLane.set(lane, says);
		if (says.type === 'add' && says.way !== 'approval')
			this.accountByClaimedGrant.set(says.grant === '' ? said.id : says.grant, says.account);
		if (says.type === 'join') this.accountByClaimedGrant.set(says.grant, says.account);
		if (says.type === 'fork') {
			keepLeast(this.forkClockByLane, laneKey(says.segment, says.lane), says.clock);
			if (says.segment === controlSegment) keepLeast(this.#forkClockByControlLane, says.lane, says.clock);
		}
	}
}

function keepLeast<K>(leastByKey: Map<K, number>, key: K, value: number): void {
	leastByKey.set(key, Math.min(leastByKey.get(key) ?? Infinity, value));
}

function push<K, V>(listByKey: Map<K, V[]>, key: K, value: V): void {
	const list = listByKey.get(key);
	if (list === undefined) listByKey.set(key, [value]);
	else list.push(value);
}
