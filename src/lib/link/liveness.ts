/**
 * Notices that a peer is gone although the connection says nothing: a frozen page keeps its ICE agent running,
 * a changed network leaves a connection that looks fine for half a minute. Anything heard counts as life; a quiet
 * peer is asked; one that does not answer is reported as silent, once.
 */
import type { LinkTiming } from './limits';
import { jittered, type Timers } from './timers';

export interface LivenessOptions {
	readonly timers: Timers;
	readonly random: () => number;
	readonly timing: LinkTiming;
	readonly ping: () => void;
	readonly silent: () => void;
}

export class Liveness {
	readonly #options: LivenessOptions;
	#heardAtMs = 0;
	#tickDueMs = 0;
	#cancelTick: (() => void) | null = null;
	#cancelProbe: (() => void) | null = null;

	constructor(options: LivenessOptions) {
		this.#options = options;
	}

	start(): void {
		this.heard();
		this.#schedule();
	}

	/** Something has arrived from the peer. */
	heard(): void {
		this.#heardAtMs = this.#options.timers.now();
		this.#cancelProbe?.();
		this.#cancelProbe = null;
	}

	/** There is reason for doubt: asks now and gives the short deadline. One question at a time. */
	probe(): void {
		if (this.#cancelTick === null || this.#cancelProbe !== null) return;
		this.#cancelProbe = this.#options.timers.after(this.#options.timing.probeMs, () => this.#silent());
		this.#options.ping();
	}

	stop(): void {
		this.#cancelTick?.();
		this.#cancelProbe?.();
		this.#cancelTick = this.#cancelProbe = null;
	}

	#schedule(): void {
		const { timers, timing, random } = this.#options;
		const delayMs = jittered(timing.pingEveryMs, 0.2, random);
		this.#tickDueMs = timers.now() + delayMs;
		this.#cancelTick = timers.after(delayMs, () => this.#tick());
	}

	#tick(): void {
		const { timers, timing, ping } = this.#options;
		const now = timers.now();
		const asleep = now - this.#tickDueMs > timing.pingEveryMs || now < this.#heardAtMs;
		const quietMs = now - this.#heardAtMs;
		this.#schedule();
		// After a sleep of our own (or a clock set back) the silence proves nothing: what the peer sent meanwhile
		// may still stand in the event queue.
		if (asleep) {
			this.#heardAtMs = now;
			this.probe();
		} else if (quietMs >= timing.silentMs) this.#silent();
		else if (quietMs >= timing.pingEveryMs / 2) ping();
	}

	#silent(): void {
		this.stop();
		this.#options.silent();
	}
}
