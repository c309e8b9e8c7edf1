/**
 * Waits for a ring in all conversations that are not hot: connections to their peers would cost too much. A ring is
 * `{type: 'ring', from}` published under the conversation's topic. It says nothing but "look here": whoever knows a
 * topic can ring, so a ring is never believed, only followed up.
 */
import type { Topics } from './signalling-topics';

export interface DoorbellOptions {
	readonly topics: Topics;
	readonly onRing: (topic: string) => void;
	/** In [0, 1); for the name under which we ring. */
	readonly random: () => number;
}

/** Rings that wait for a connection; the oldest go first. */
const waitingRingLimit = 100;

export class Doorbell {
	readonly #options: DoorbellOptions;
	readonly #listening = new Set<string>();
	readonly #waitingRings = new Set<string>();
	/** To know our own rings when they come back: signalling sends to all subscribers. */
	readonly #name: string;
	readonly #stop: () => void;

	constructor(options: DoorbellOptions) {
		this.#options = options;
		this.#name = Math.floor(options.random() * 2 ** 52).toString(36);
		this.#stop = options.topics.follow({
			connected: () => this.#ringThoseWaiting(),
			heard: (topic, data) => {
				if (this.#listening.has(topic) && isRing(data, this.#name)) options.onRing(topic);
			}
		});
	}

	listen(topic: string): void {
		this.#listening.add(topic);
		this.#options.topics.listen([topic]);
	}

	ignore(topic: string): void {
		if (this.#listening.delete(topic)) this.#options.topics.ignore([topic]);
	}

	/** Rings now, or as soon as there is a connection. */
	ring(topic: string): void {
		if (this.#publish(topic)) return;
		this.#waitingRings.add(topic);
		for (const oldest of this.#waitingRings) {
			if (this.#waitingRings.size <= waitingRingLimit) break;
			this.#waitingRings.delete(oldest);
		}
	}

	/** Hears nothing more, and no longer waits to ring. */
	close(): void {
		this.#stop();
		this.#waitingRings.clear();
	}

	#ringThoseWaiting(): void {
		for (const topic of this.#waitingRings) if (this.#publish(topic)) this.#waitingRings.delete(topic);
	}

	#publish(topic: string): boolean {
		return this.#options.topics.publish(topic, { type: 'ring', from: this.#name });
	}
}

/** A ring by somebody else. */
function isRing(data: unknown, ownName: string): boolean {
	if (typeof data !== 'object' || data === null) return false;
	return 'type' in data && data.type === 'ring' && !('from' in data && data.from === ownName);
}
