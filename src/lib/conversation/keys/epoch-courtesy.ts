/**
 * Does what is to be done about epochs without anybody having asked for it: after a removal, a leave, a lost device;
 * for newcomers and whoever cannot open something. Members take turns, so that not all of them do it at once, and each
 * looks again before doing it.
 */
import type { Conversation } from '../conversation';
import type { Duty } from '../epochs/epoch-duties';
import { dutyKey } from './epoch-acts';

/** Lets a burst of entries settle: what they begin, they often bring to an end as well. */
const settleMs = 1_500;
/**
 * No group gives reason for more; rules that never come to rest, or somebody who plays with them, are not to cost more.
 */
const actsPerHour = 64;
const hourMs = 60 * 60_000;
/** Of duties that time alone brings. */
const lookEveryMs = 60 * 60_000;

export interface CourtesyTimers {
	/** @returns cancels it */
	after(ms: number, act: () => void): () => void;
}

export class EpochCourtesy {
	readonly #cancelByDuty = new Map<string, () => void>();
	#cancelLook: (() => void) | null = null;
	#cancelLater: () => void = () => undefined;
	#closed = false;
	#acts = 0;
	#hourBegan = -Infinity;

	/** @param refused told why something could not be written; it is tried again after the next change */
	constructor(
		readonly conversation: Conversation,
		readonly timers: CourtesyTimers,
		readonly refused: (reason: string) => void
	) {}

	/** The control entries have changed, or other epochs are held. */
	look(): void {
		if (this.#closed) return;
		this.#cancelLook ??= this.timers.after(settleMs, () => {
			this.#cancelLook = null;
			this.#arrange();
		});
	}

	close(): void {
		this.#closed = true;
		this.#cancelLook?.();
		this.#cancelLater();
		for (const cancel of this.#cancelByDuty.values()) cancel();
		this.#cancelByDuty.clear();
	}

	#arrange(): void {
		const due = new Map(this.conversation.duties().map((each) => [dutyKey(each.duty), each]));
		for (const [key, cancel] of this.#cancelByDuty) {
			if (due.has(key)) continue;
			cancel();
			this.#cancelByDuty.delete(key);
		}
		for (const [key, { duty, turnMs }] of due)
			if (!this.#cancelByDuty.has(key))
				this.#cancelByDuty.set(
					key,
					this.timers.after(turnMs, () => void this.#fulfil(key, duty))
				);
		this.#cancelLater();
		this.#cancelLater = this.timers.after(lookEveryMs, () => this.look());
	}

	#mayAct(): boolean {
		const nowMs = this.conversation.ports.clock.nowMs();
		if (Math.abs(nowMs - this.#hourBegan) > hourMs) [this.#hourBegan, this.#acts] = [nowMs, 0];
		return ++this.#acts <= actsPerHour;
	}

	async #fulfil(key: string, duty: Duty): Promise<void> {
		this.#cancelByDuty.delete(key);
		if (!this.#mayAct()) return this.refused('too-often');
		const done = await this.conversation.fulfil(duty);
		if (!done.ok) this.refused(done.reason);
	}
}
