/**
 * Whether this device's clock is wrong, by what others take the time for. Members say their time on each new link
 * (presence); only once one of them disagrees is the relay asked as well.
 */
import type { Timers } from '$lib/link/timers';

/** Less is nothing to speak of; twice as much, and messages are held back (protocol 4). */
export const clockNoticeMs = 5 * 60_000;
/** A member who disagrees for good does not have the relay asked all the time. */
const relayEveryMs = 60_000;
const relaySource = 'relay';

/**
 * @param offsetsMs by how much the clock of each of several independent sources is ahead of ours
 * @returns by how much ours is ahead of most of them: their median, and of two in the middle the one that finds less
 *   fault with us. Null if there are fewer than two. So no single one of them can put us in the wrong
 */
export function clockErrorOf(offsetsMs: readonly number[]): number | null {
	if (offsetsMs.length < 2) return null;
	const sorted = offsetsMs.map((offset) => -offset).sort((a, b) => a - b);
	const upper = sorted[sorted.length >> 1] ?? 0;
	const lower = sorted[(sorted.length - 1) >> 1] ?? 0;
	if (Math.sign(lower) !== Math.sign(upper)) return 0;
	return Math.abs(lower) < Math.abs(upper) ? lower : upper;
}

export interface ClockWatchDeps {
	readonly timers: Pick<Timers, 'now'>;
	/** The relay's time (ms); null if it cannot be had. */
	relayTime(): Promise<number | null>;
	/** @param aheadMs null: nothing is known to be wrong */
	changed(aheadMs: number | null): void;
}

export class ClockWatch {
	readonly #offsetBySource = new Map<string, number>();
	#relayAskedAtMs = -Infinity;
	#said: number | null = null;

	constructor(readonly deps: ClockWatchDeps) {}

	/**
	 * Somebody has said what time it is.
	 * @param isFirst on a link: it has just been opened, so what they say has not lain about. Later words may have waited
	 *   for a page that slept: of those only the ones that agree better with us count
	 */
	async heard(account: string, theirMs: number, isFirst: boolean): Promise<void> {
		const offset = theirMs - this.deps.timers.now();
		const before = this.#offsetBySource.get(account);
		if (!isFirst && (before === undefined || Math.abs(offset) >= Math.abs(before))) return;
		this.#offsetBySource.set(account, offset);
		if (Math.abs(offset) > clockNoticeMs) await this.#askRelay();
		this.#tell();
	}

	async #askRelay(): Promise<void> {
		const askedAtMs = this.deps.timers.now();
		if (Math.abs(askedAtMs - this.#relayAskedAtMs) < relayEveryMs) return;
		this.#relayAskedAtMs = askedAtMs;
		const relayMs = await this.deps.relayTime();
		if (relayMs !== null) this.#offsetBySource.set(relaySource, relayMs - this.deps.timers.now());
	}

	#tell(): void {
		const error = clockErrorOf([...this.#offsetBySource.values()]);
		const now = error !== null && Math.abs(error) > clockNoticeMs ? error : null;
		if (now === this.#said) return;
		this.#said = now;
		this.deps.changed(now);
	}
}
