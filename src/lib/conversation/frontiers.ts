/**
 * Who holds what: this device's own word, the newest words of others, acknowledgements of relays, and what follows
 * for the delivery of own entries and for what the journal has to keep. A claim counts only if it names the entry that
 * stands in our lane: another branch of it is not ours.
 */
import { equalBytes } from '../protocol/bytes';
import { entryIdOf } from '../protocol/entry';
import { isPlaceholder } from '../protocol/guard/update';
import {
	createFrontier,
	openFrontier,
	readFrontierHead,
	verifyFrontier,
	type Heads,
	type HeldHead
} from '../protocol/frontier';
import { contextOf, controlSegment } from '../protocol/ids';
import { fail, ok, type Result } from '../protocol/result';
import type { Authority } from './authority';
import { Delivery, type DeliveryRecord, type DeliveryState, type Receipt } from './delivery';
import type { ConversationKeys } from './keys/conversation-keys';
import type { LoadedSegments } from './loaded-segments';
import type { OwnLanes } from './own-lanes';
import { nothingShared, type ConversationIdentity, type ConversationPorts, type Sharing } from './ports';
import { Reading, type ReadingRecord, type ReadPlace } from './reading';
import type { UnsettledEntries } from './unsettled-entries';
import type { WaitingEntries } from './waiting-entries';

export interface FrontierParts {
	readonly identity: ConversationIdentity;
	readonly ports: ConversationPorts;
	readonly keys: ConversationKeys;
	readonly own: OwnLanes;
	readonly segments: LoadedSegments;
	readonly waiting: WaitingEntries;
	readonly unsettled: UnsettledEntries;
	readonly authority: () => Authority;
	/** This device's account. */
	readonly account: string;
}

/** When a device of somebody last spoke, by its own clock (ms), and whether that may be shown. */
export interface LastWord {
	readonly atMs: number;
	readonly online: boolean;
}

export class Frontiers {
	readonly #parts: FrontierParts;
	readonly #delivery: Delivery;
	readonly #reading: Reading;
	readonly #newestByLane = new Map<number, { readonly counter: number; readonly bytes: Uint8Array }>();
	readonly #wordByAccount = new Map<string, LastWord>();

	constructor(
		parts: FrontierParts,
		delivery: DeliveryRecord | undefined,
		reading: ReadingRecord | undefined
	) {
		this.#parts = parts;
		this.#delivery = new Delivery(delivery);
		this.#reading = new Reading(reading);
	}

	/** Newest of others, as received: any member may pass them on. */
	get all(): readonly Uint8Array[] {
		return [...this.#newestByLane.values()].map(({ bytes }) => bytes);
	}

	get delivery(): DeliveryRecord {
		return this.#delivery.toRecord();
	}

	get reading(): ReadingRecord {
		return this.#reading.toRecord();
	}

	/** The newest word of each other account. */
	get lastWords(): ReadonlyMap<string, LastWord> {
		return this.#wordByAccount;
	}

	/** All messages up to a place have been read here. @returns whether there is something new to say */
	markRead(place: ReadPlace): boolean {
		// What is read while nobody is to know of it is not told later either, unless something further is read.
		if (!this.#sharing.receipts) return false;
		return this.#reading.upTo(place, this.#parts.segments.all, (lane) => this.#parts.own.isOwn(lane));
	}

	/** How far the lanes of the loaded segments go. */
	heldHeads(): Heads {
		return new Map(this.#parts.segments.all.map(({ segment }) => [segment.number, segment.headByLane()]));
	}

	/** @returns null before this device has a lane to sign with */
	async create(counter: number, heads: Heads): Promise<Uint8Array | null> {
		const { own, identity, ports, keys } = this.#parts;
		const lane = own.active(controlSegment);
		const epoch = await keys.toWriteUnder('control');
		const held = epoch === null ? null : await keys.ring.keysOf(epoch);
		if (lane === undefined || held === null) return null;
		const context = contextOf(identity.conversation, controlSegment);
		const { receipts, online } = this.#sharing;
		const said = receipts ? this.#withReading(heads) : heads;
		return createFrontier(ports.crypto, held, context, lane, counter, said, online);
	}

	/** @returns whether it was news and whether delivery has changed by it, or why it is refused */
	async receive(
		bytes: Uint8Array
	): Promise<Result<{ readonly news: boolean; readonly delivered: boolean }, string>> {
		const nothing = ok({ news: false, delivered: false });
		const head = readFrontierHead(bytes);
		if (!head.ok) return head;
		const { lane, counter, epoch } = head.value;
		const { own, segments, keys, ports } = this.#parts;
		if (own.isOwn(lane) || !this.#isNewer(lane, counter)) return nothing;
		const control = segments.get(controlSegment)?.segment;
		const owner = this.#parts.authority().controlLaneByNumber.get(lane);
		const publicKey = control?.publicKeyOf(lane);
		// No violation: their join may be still on its way to us.
		if (control === undefined || owner === undefined || publicKey === undefined) return nothing;
		const { subtle } = ports.crypto;
		if (!(await verifyFrontier(subtle, bytes, control.context, publicKey))) return fail('frontier-signature');
		const held = await keys.keysOf(epoch, 'control');
		// Of an epoch that we do not hold yet: a newer one comes in time.
		if (held === null) return nothing;
		const opened = await openFrontier(subtle, held, control.context, bytes);
		if (!opened.ok) return opened;
		// Another one may have come while this one was being verified.
		if (!this.#isNewer(lane, counter)) return nothing;
		const { account } = owner;
		const { heads, online } = opened.value;
		this.#newestByLane.set(lane, { counter, bytes: bytes.slice() });
		if ((this.#wordByAccount.get(account)?.atMs ?? -1) < counter)
			this.#wordByAccount.set(account, { atMs: counter, online });
		return ok({ news: true, delivered: await this.#cover(account, heads) });
	}

	/**
	 * A replica on stable storage holds a lane of ours below `next`.
	 * @param id first bytes of the newest entry's id there
	 */
	async acknowledge(
		segment: number,
		lane: number,
		next: number,
		id: Uint8Array
	): Promise<'news' | 'known' | 'other-branch' | 'unknown'> {
		if (!this.#parts.own.isOwn(lane)) return 'unknown';
		const verdict = this.#compare(segment, lane, next, id);
		if (verdict !== 'ours') return verdict;
		if (!(await this.#parts.unsettled.settledBelow(segment, lane, next))) return 'known';
		if (!this.#delivery.acknowledge(segment, lane, next)) return 'known';
		await this.#release(segment, lane, next);
		return 'news';
	}

	deliveryOf(segment: number, lane: number, clock: number): DeliveryState {
		const { graph } = this.#parts.keys;
		const others = [...this.#parts.authority().memberByAccount.values()]
			.filter((member) => !member.left && member.account !== this.#parts.account)
			.map((member) => member.account)
			.filter((account) => graph.isShown(segment, account));
		return this.#delivery.stateOf(segment, lane, clock, others, this.#sharing.receipts);
	}

	/** Those who have an own entry, or have read it. */
	receiptsOf(segment: number, lane: number, clock: number): readonly Receipt[] {
		return this.#delivery.receiptsOf(segment, lane, clock, this.#sharing.receipts);
	}

	/** Who does not say what was read here does not see what others say of that. */
	get #sharing(): Sharing {
		return this.#parts.ports.sharing?.() ?? nothingShared;
	}

	#withReading(heads: Heads): Heads {
		const withReading = (segment: number, headByLane: ReadonlyMap<number, HeldHead>): typeof headByLane =>
			new Map(
				[...headByLane].map(([lane, head]) => [
					lane,
					{ ...head, read: Math.min(this.#reading.next(segment, lane), head.next) }
				])
			);
		return new Map([...heads].map(([segment, lanes]) => [segment, withReading(segment, lanes)]));
	}

	#isNewer(lane: number, counter: number): boolean {
		return counter > (this.#newestByLane.get(lane)?.counter ?? -1);
	}

	async #cover(account: string, heads: Heads): Promise<boolean> {
		let news = false;
		for (const [segment, headByLane] of heads) {
			for (const [lane, { next, id, read = 0 }] of headByLane) {
				if (!this.#parts.own.isOwn(lane) || this.#compare(segment, lane, next, id) !== 'ours') continue;
				if (!(await this.#parts.unsettled.settledBelow(segment, lane, next))) continue;
				const isOther = account !== this.#parts.account;
				const nowMs = this.#parts.ports.clock.nowMs();
				if (isOther && read > 0) news = this.#delivery.read(account, segment, lane, read, nowMs) || news;
				const isNews = isOther
					? this.#delivery.cover(account, segment, lane, next, nowMs)
					: this.#delivery.acknowledge(segment, lane, next);
				if (!isNews) continue;
				news = true;
				await this.#release(segment, lane, next);
			}
		}
		return news;
	}

	/** Whether an id is that of our entry at next - 1. Where we cannot know, we do not believe. */
	#compare(segment: number, lane: number, next: number, id: Uint8Array): 'ours' | 'other-branch' | 'unknown' {
		const ours = this.#idAt(segment, lane, next - 1);
		if (ours === undefined) return 'unknown';
		return equalBytes(ours.subarray(0, id.length), id) ? 'ours' : 'other-branch';
	}

	#idAt(segment: number, lane: number, clock: number): Uint8Array | undefined {
		const loaded = this.#parts.segments.get(segment)?.segment;
		if (loaded !== undefined) return loaded.entryId(lane, clock);
		const own = this.#parts.own.get(lane);
		if (own?.segment !== segment) return undefined;
		if (own.next === clock + 1) return own.head;
		const entry = this.#parts.waiting.get(segment, lane, clock);
		return entry === undefined || isPlaceholder(entry.bytes) ? undefined : entryIdOf(entry.bytes);
	}

	async #release(segment: number, lane: number, next: number): Promise<void> {
		this.#parts.waiting.release(segment, lane, next);
		await this.#parts.ports.journal.release(segment, lane, next);
	}
}
