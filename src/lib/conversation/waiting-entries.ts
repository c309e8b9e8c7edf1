/** Own entries that no other replica is known to hold: what the journal keeps, at hand. */
import { controlSegment } from '../protocol/ids';
import { isPlaceholder, placeholder } from '../protocol/guard/update';
import type { JournalEntry } from './ports';

export class WaitingEntries {
	/** By "segment/lane"; in the order of their clocks. */
	readonly #entriesByLane = new Map<string, JournalEntry[]>();

	constructor(entries: readonly JournalEntry[]) {
		this.add([...entries].sort((a, b) => a.clock - b.clock));
	}

	/** @param entries each newer than all of its lane before */
	add(entries: readonly JournalEntry[]): void {
		for (const entry of entries) {
			const key = `${entry.segment}/${entry.lane}`;
			const known = this.#entriesByLane.get(key);
			if (known === undefined) this.#entriesByLane.set(key, [entry]);
			else known.push(entry);
		}
	}

	/** Somebody else holds the lane below `next`. */
	release(segment: number, lane: number, next: number): void {
		const key = `${segment}/${lane}`;
		const known = this.#entriesByLane.get(key);
		if (known === undefined) return;
		const kept = known.filter((entry) => entry.clock >= next);
		if (kept.length === 0) this.#entriesByLane.delete(key);
		else this.#entriesByLane.set(key, kept);
	}

	/** Keeps these without their bytes. */
	redact(segment: number, places: readonly { readonly lane: number; readonly clock: number }[]): void {
		for (const { lane, clock } of places) {
			const entries = this.#entriesByLane.get(`${segment}/${lane}`);
			const at = entries?.findIndex((entry) => entry.clock === clock) ?? -1;
			const entry = entries?.[at];
			if (entries !== undefined && entry !== undefined) entries[at] = { ...entry, bytes: placeholder };
		}
	}

	/** The entries of a segment, lane by lane. Placeholders for those whose bytes are gone. */
	*of(segment: number): Generator<JournalEntry> {
		for (const entries of this.#entriesByLane.values()) if (entries[0]?.segment === segment) yield* entries;
	}

	get(segment: number, lane: number, clock: number): JournalEntry | undefined {
		const entries = this.#entriesByLane.get(`${segment}/${lane}`);
		const first = entries?.[0];
		return first && entries[clock - first.clock];
	}

	get segments(): ReadonlySet<number> {
		return new Set([...this.#entriesByLane.values()].flatMap(([first]) => (first ? [first.segment] : [])));
	}

	/** How many messages that are. */
	get messages(): number {
		return this.#said.filter(({ isAct }) => isAct !== true).length;
	}

	/** The same with what is said about messages. */
	get entries(): number {
		return this.#said.length;
	}

	/** Without certificates, authority, and what is deleted. */
	get #said(): readonly JournalEntry[] {
		return [...this.#entriesByLane.values()]
			.flat()
			.filter(
				({ segment, clock, bytes }) => segment !== controlSegment && clock > 0 && !isPlaceholder(bytes)
			);
	}
}
