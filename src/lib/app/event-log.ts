/** What happened on this device lately and how often what was refused; shown in Diagnostics, never sent anywhere. */
const eventsKept = 200;

export class EventLog {
	readonly #countByReason = new Map<string, number>();
	readonly #events: { readonly atMs: number; readonly text: string }[] = [];

	constructor(readonly nowMs: () => number) {}

	/** Something from outside was refused. */
	reject(reason: string): void {
		this.#countByReason.set(reason, (this.#countByReason.get(reason) ?? 0) + 1);
	}

	note(text: string): void {
		this.#events.push({ atMs: this.nowMs(), text });
		if (this.#events.length > eventsKept) this.#events.shift();
	}

	get rejections(): readonly { readonly reason: string; readonly count: number }[] {
		return [...this.#countByReason]
			.map(([reason, count]) => ({ reason, count }))
			.sort((a, b) => b.count - a.count);
	}

	get recent(): readonly { readonly atMs: number; readonly text: string }[] {
		return [...this.#events].reverse();
	}
}
