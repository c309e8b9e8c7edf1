/**
 * Delivery states are facts, and monotonic (protocol 7): from a relay's acknowledgements and from members' signed
 * frontiers, for the lanes of this device.
 */
import { LearnedTimes, type LearnedRecord } from './learned-times';

/** In rising order. 'saving': committed, and not yet on stable storage. */
export type DeliveryState =
	'saving' | 'queued' | 'sent' | 'delivered' | 'delivered-to-all' | 'read' | 'read-by-all';

type NextByLane = readonly (readonly [string, number])[];

/** What to keep across restarts. Next clock by "segment/lane". */
export interface DeliveryRecord {
	readonly acknowledged: NextByLane;
	readonly coveredByAccount: readonly (readonly [string, NextByLane])[];
	/** These two are absent in what was kept before there were read receipts. */
	readonly readByAccount?: readonly (readonly [string, NextByLane])[];
	readonly learned?: LearnedRecord;
}

/** What is known of one other member and one own entry. Times are when this device learned of it; null: not known. */
export interface Receipt {
	readonly account: string;
	readonly deliveredAtMs: number | null;
	readonly read: boolean;
	readonly readAtMs: number | null;
}

const laneKey = (segment: number, lane: number): string => `${segment}/${lane}`;

function raise(nextByLane: Map<string, number>, key: string, next: number): boolean {
	if ((nextByLane.get(key) ?? 0) >= next) return false;
	nextByLane.set(key, next);
	return true;
}

/** How far accounts have got, in one respect. */
class Reached {
	readonly #byAccount: Map<string, Map<string, number>>;

	constructor(record: DeliveryRecord['coveredByAccount'] = []) {
		this.#byAccount = new Map(record.map(([account, lanes]) => [account, new Map(lanes)]));
	}

	next(account: string, key: string): number {
		return this.#byAccount.get(account)?.get(key) ?? 0;
	}

	raise(account: string, key: string, next: number): boolean {
		const known = this.#byAccount.get(account) ?? new Map<string, number>();
		this.#byAccount.set(account, known);
		return raise(known, key, next);
	}

	/** Accounts that have got beyond a clock. */
	beyond(key: string, clock: number): ReadonlySet<string> {
		return new Set([...this.#byAccount.keys()].filter((account) => this.next(account, key) > clock));
	}

	highest(key: string): number {
		return Math.max(0, ...[...this.#byAccount.keys()].map((account) => this.next(account, key)));
	}

	toRecord(): DeliveryRecord['coveredByAccount'] {
		return [...this.#byAccount].map(([account, lanes]) => [account, [...lanes]]);
	}
}

const isAllOf = (others: readonly string[], reached: ReadonlySet<string>): boolean =>
	others.length > 1 && others.every((account) => reached.has(account));

export class Delivery {
	readonly #acknowledged: Map<string, number>;
	readonly #covered: Reached;
	readonly #read: Reached;
	readonly #learned: LearnedTimes;

	constructor(record?: DeliveryRecord) {
		this.#acknowledged = new Map(record?.acknowledged);
		this.#covered = new Reached(record?.coveredByAccount);
		this.#read = new Reached(record?.readByAccount);
		this.#learned = new LearnedTimes(record?.learned);
	}

	/** A replica on stable storage holds the lane below `next`. @returns whether that is news */
	acknowledge(segment: number, lane: number, next: number): boolean {
		return raise(this.#acknowledged, laneKey(segment, lane), next);
	}

	/** A device of another account holds a lane of ours below `next`. @returns whether that is news */
	cover(account: string, segment: number, lane: number, next: number, atMs: number): boolean {
		return this.#reach(this.#covered, 'd', account, laneKey(segment, lane), next, atMs);
	}

	/** The person behind another account has read a lane of ours below `next`. @returns whether that is news */
	read(account: string, segment: number, lane: number, next: number, atMs: number): boolean {
		return this.#reach(this.#read, 'r', account, laneKey(segment, lane), next, atMs);
	}

	/**
	 * @param others accounts of the other members that have not left
	 * @param showsRead what others have read may be shown
	 */
	stateOf(
		segment: number,
		lane: number,
		clock: number,
		others: readonly string[],
		showsRead = true
	): DeliveryState {
		const key = laneKey(segment, lane);
		const readers = showsRead ? this.#read.beyond(key, clock) : new Set<string>();
		if (readers.size > 0) return isAllOf(others, readers) ? 'read-by-all' : 'read';
		const holders = this.#covered.beyond(key, clock);
		if (holders.size > 0) return isAllOf(others, holders) ? 'delivered-to-all' : 'delivered';
		return (this.#acknowledged.get(key) ?? 0) > clock ? 'sent' : 'queued';
	}

	/** Those who have an entry of ours. @param showsRead as in `stateOf` */
	receiptsOf(segment: number, lane: number, clock: number, showsRead = true): readonly Receipt[] {
		const key = laneKey(segment, lane);
		const readers = showsRead ? this.#read.beyond(key, clock) : new Set<string>();
		return [...new Set([...this.#covered.beyond(key, clock), ...readers])].map((account) => {
			const read = readers.has(account);
			return {
				account,
				deliveredAtMs: this.#learned.at(learnedKey('d', account, key), clock),
				read,
				readAtMs: read ? this.#learned.at(learnedKey('r', account, key), clock) : null
			};
		});
	}

	/** Below this clock some other replica holds the lane. */
	heldElsewhere(segment: number, lane: number): number {
		const key = laneKey(segment, lane);
		return Math.max(this.#acknowledged.get(key) ?? 0, this.#covered.highest(key));
	}

	toRecord(): DeliveryRecord {
		return {
			acknowledged: [...this.#acknowledged],
			coveredByAccount: this.#covered.toRecord(),
			readByAccount: this.#read.toRecord(),
			learned: this.#learned.toRecord()
		};
	}

	#reach(
		reached: Reached,
		kind: 'd' | 'r',
		account: string,
		key: string,
		next: number,
		atMs: number
	): boolean {
		const previous = reached.next(account, key);
		if (!reached.raise(account, key, next)) return false;
		this.#learned.add(learnedKey(kind, account, key), previous, next, atMs);
		return true;
	}
}

const learnedKey = (kind: 'd' | 'r', account: string, key: string): string => `${kind}/${account}/${key}`;
