/**
 * Introductions on their way: each is kept on this device, left in the other's inbox when a relay can be reached, and
 * left again when the relay has given it up unread, until the other has answered. What the inbox does not take is said
 * at the other's door, in case that they are there.
 */
import type { IntroductionRow } from '$lib/identity/contacts';
import { jittered, type Timers } from '$lib/link/timers';
import type { LeaveFailure } from '$lib/replicas/inbox';
import type { Result } from '$lib/protocol/result';

const firstRetryMs = 2_000;
const longestRetryMs = 5 * 60_000;
/** Of a wait for the relay to give something up. */
const longestWaitMs = 24 * 60 * 60_000;

export interface OutboxDeps {
	readonly timers: Timers;
	readonly random: () => number;
	rows(): Promise<readonly IntroductionRow[]>;
	/** @returns until when (ms) the relay keeps it */
	leave(row: IntroductionRow): Promise<Result<number, LeaveFailure>>;
	/** Keeps the row with the time until which the relay has it, if it is still there. */
	left(row: IntroductionRow, keptUntilMs: number): Promise<void>;
	failed(reason: LeaveFailure): void;
	/** Says it once at the door of the link. */
	knock(row: IntroductionRow): void;
}

export class Outbox {
	#running: Promise<void> | null = null;
	#again = false;
	#failures = 0;
	#cancel: () => void = () => undefined;
	#closed = false;

	constructor(readonly deps: OutboxDeps) {}

	/** Something is to go out, or the network is back: try at once. */
	wake(): void {
		this.#failures = 0;
		this.#go();
	}

	async close(): Promise<void> {
		this.#closed = true;
		this.#cancel();
		await this.#running;
	}

	#go(): void {
		if (this.#closed) return;
		this.#cancel();
		if (this.#running !== null) {
			this.#again = true;
			return;
		}
		this.#running = this.#send().finally(() => {
			this.#running = null;
			if (!this.#again) return;
			this.#again = false;
			this.#go();
		});
	}

	async #send(): Promise<void> {
		const { timers, random } = this.deps;
		let nextMs = Infinity;
		let failed = false;
		for (const row of await this.deps.rows()) {
			if (this.#closed) return;
			let { keptUntilMs } = row;
			if (keptUntilMs === null || keptUntilMs <= timers.now()) {
				const left = await this.deps.leave(row);
				if (left.ok) await this.deps.left(row, (keptUntilMs = left.value));
				else {
					failed = true;
					this.deps.failed(left.reason);
					this.deps.knock(row);
				}
			}
			if (keptUntilMs !== null) nextMs = Math.min(nextMs, keptUntilMs - timers.now());
		}
		if (this.#closed) return;
		if (failed) nextMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++);
		else this.#failures = 0;
		// No shorter than a retry: a relay may keep things for no time at all.
		const delayMs = Math.min(Math.max(nextMs, firstRetryMs), longestWaitMs);
		if (nextMs < Infinity) this.#cancel = timers.after(jittered(delayMs, 0.2, random), () => this.#go());
	}
}
