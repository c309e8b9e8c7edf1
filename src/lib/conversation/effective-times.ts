/**
 * Effective time of the entries of one segment: max(hlc, 1 + that of the entry before in its lane and of its deps).
 * It orders the screen and nothing else (protocol 4). Deps that are missing count once they arrive, and lift whatever
 * stands on them; so the times depend on the set of entries alone, not on the order of their arrival.
 */
import { Places } from './places';

interface Node {
	readonly id: string;
	time: number;
	/** Times of some entry below may still rise. */
	open: boolean;
	/** Kept only while this node is open. */
	above: Node[] | null;
	waitsFor: number;
}

interface Waiting {
	readonly node: Node;
	/** Of the entry that it waits for: another one at that place is none of its business. */
	readonly idPrefix: string;
}

export interface TimedEntry {
	readonly lane: number;
	readonly clock: number;
	/** Base64url. */
	readonly id: string;
	readonly hlc: number;
	readonly deps: readonly { readonly lane: number; readonly clock: number; readonly id: string }[];
}

export class EffectiveTimes {
	readonly #nodeByPlace = new Places<Node>();
	readonly #waitingByPlace = new Places<Waiting[]>();
	#hasLifts = false;

	/** Some entry stands later than its own clock says, because of one that it stands upon. */
	get hasLifts(): boolean {
		return this.#hasLifts;
	}

	/** @returns the time of an entry that was added, or undefined */
	timeOf(lane: number, clock: number): number | undefined {
		return this.#nodeByPlace.get(lane, clock)?.time;
	}

	/** Whether an entry's time may still rise, because something below it has not come. */
	isOpen(lane: number, clock: number): boolean {
		return this.#nodeByPlace.get(lane, clock)?.open ?? false;
	}

	/**
	 * @returns ids whose time changed by this, the entry's own among them, with the new time
	 */
	add(entry: TimedEntry): ReadonlyMap<string, number> {
		const changed = new Map<string, number>();
		const node: Node = { id: entry.id, time: entry.hlc, open: false, above: null, waitsFor: 0 };
		this.#nodeByPlace.set(entry.lane, entry.clock, node);
		if (entry.clock > 0) this.#standOn(node, entry.lane, entry.clock - 1, '');
		for (const dep of entry.deps) this.#standOn(node, dep.lane, dep.clock, dep.id);
		changed.set(node.id, node.time);
		const waiting = this.#waitingByPlace.take(entry.lane, entry.clock) ?? [];
		for (const each of waiting) {
			if (node.id.startsWith(each.idPrefix)) this.#arrived(node, each.node, changed);
			else this.#settle(each.node, changed);
		}
		return changed;
	}

	#standOn(node: Node, lane: number, clock: number, idPrefix: string): void {
		const below = this.#nodeByPlace.get(lane, clock);
		if (below === undefined) {
			node.open = true;
			node.waitsFor++;
			const waiting = this.#waitingByPlace.get(lane, clock);
			if (waiting) waiting.push({ node, idPrefix });
			else this.#waitingByPlace.set(lane, clock, [{ node, idPrefix }]);
			return;
		}
		if (!below.id.startsWith(idPrefix)) return;
		const lifted = Math.min(below.time + 1, Number.MAX_SAFE_INTEGER);
		if (lifted > node.time) this.#raise(node, lifted);
		if (!below.open) return;
		node.open = true;
		node.waitsFor++;
		(below.above ??= []).push(node);
	}

	#raise(node: Node, time: number): void {
		// One without bytes has no clock of its own.
		if (node.time > 0) this.#hasLifts = true;
		node.time = time;
	}

	#arrived(below: Node, above: Node, changed: Map<string, number>): void {
		if (below.open) {
			(below.above ??= []).push(above);
			this.#lift(above, below.time, changed);
			return;
		}
		this.#lift(above, below.time, changed);
		this.#settle(above, changed);
	}

	/** Raises a node above `time`, and all that stands on it. Iterative: chains are long. */
	#lift(node: Node, time: number, changed: Map<string, number>): void {
		const lifts: [Node, number][] = [[node, time]];
		for (let next = lifts.pop(); next !== undefined; next = lifts.pop()) {
			const [current, belowTime] = next;
			const lifted = Math.min(belowTime + 1, Number.MAX_SAFE_INTEGER);
			if (lifted <= current.time) continue;
			this.#raise(current, lifted);
			changed.set(current.id, lifted);
			for (const above of current.above ?? []) lifts.push([above, lifted]);
		}
	}

	/** One thing that `node` waited for is final; when all are, it is final itself. */
	#settle(node: Node, changed: Map<string, number>): void {
		const settled = [node];
		for (let current = settled.pop(); current !== undefined; current = settled.pop()) {
			current.waitsFor--;
			if (current.waitsFor > 0) continue;
			current.open = false;
			const above = current.above ?? [];
			current.above = null;
			for (const next of above) {
				this.#lift(next, current.time, changed);
				settled.push(next);
			}
		}
	}
}
