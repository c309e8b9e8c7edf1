/**
 * One signalling socket for all conversations that are not hot: connections to their peers would cost too much, so
 * they only listen for a ring. Same wire as y-webrtc's signalling: a ring is `{type: 'ring', from}` published
 * under the topic. It says nothing but "look here": whoever knows a topic can ring, so a ring is never believed,
 * only followed up.
 */
import { jittered, type Timers } from '../../link/timers';
import type { PageMoments } from './page-moments';

/** An open or opening socket. After `close` none of its events may be reported. */
export interface DoorbellSocket {
	send(text: string): void;
	close(): void;
}

export interface DoorbellSocketEvents {
	opened(): void;
	received(text: string): void;
	/** At most once; also when it never opened. */
	closed(): void;
}

export interface DoorbellDeps {
	dial(url: string, events: DoorbellSocketEvents): DoorbellSocket;
	readonly timers: Timers;
	/** In [0, 1); for jitter, and for the name under which we ring. */
	readonly random: () => number;
	readonly moments: PageMoments;
}

export interface DoorbellOptions {
	readonly url: string;
	readonly onRing: (topic: string) => void;
	readonly deps: DoorbellDeps;
}

export interface Doorbell {
	/** True while the socket is open. */
	readonly connected: boolean;
	listen(topics: Iterable<string>): void;
	ignore(topics: Iterable<string>): void;
	/** Rings now, or as soon as there is a connection. */
	ring(topic: string): void;
	close(): void;
}

const firstRetryMs = 1_000;
const longestRetryMs = 300_000;
const pingEveryMs = 20_000;
/** Twice the ping: one lost answer is nothing. */
const silentMs = 45_000;
/** Topics in one subscribe message; keeps it small for relays that limit messages. */
const topicsPerMessage = 100;
/** Rings that wait for a connection; the oldest go first. */
const waitingRingLimit = 100;

export function openDoorbell(options: DoorbellOptions): Doorbell {
	return new SignallingDoorbell(options);
}

/** Dials with the browser's WebSocket. */
export function dialWebSocket(url: string, events: DoorbellSocketEvents): DoorbellSocket {
	const socket = new WebSocket(url);
	socket.onopen = () => events.opened();
	socket.onmessage = (event: MessageEvent<unknown>) => {
		if (typeof event.data === 'string') events.received(event.data);
	};
	socket.onclose = () => events.closed();
	return {
		send(text) {
			// Closing already: "closed" is on its way, and topics are named again after it.
			if (socket.readyState === WebSocket.OPEN) socket.send(text);
		},
		close() {
			socket.onopen = socket.onmessage = socket.onclose = null;
			socket.close();
		}
	};
}

class SignallingDoorbell implements Doorbell {
	readonly #options: DoorbellOptions;
	readonly #topics = new Set<string>();
	readonly #waitingRings = new Set<string>();
	/** To know our own rings when they come back: signalling sends to all subscribers. */
	readonly #name: string;
	readonly #forgetMoments: () => void;
	#socket: DoorbellSocket | null = null;
	#connected = false;
	#failures = 0;
	#heardAtMs = 0;
	#cancelTimer: () => void = () => undefined;
	#closed = false;

	constructor(options: DoorbellOptions) {
		this.#options = options;
		this.#name = Math.floor(options.deps.random() * 2 ** 52).toString(36);
		this.#forgetMoments = options.deps.moments((moment) => {
			if (moment === 'online') this.#redial();
			else if (moment === 'awake') this.#checkAwake();
		});
		this.#dial();
	}

	get connected(): boolean {
		return this.#connected;
	}

	listen(topics: Iterable<string>): void {
		const added = [...topics].filter((topic) => !this.#topics.has(topic));
		for (const topic of added) this.#topics.add(topic);
		this.#sendTopics('subscribe', added);
	}

	ignore(topics: Iterable<string>): void {
		this.#sendTopics(
			'unsubscribe',
			[...topics].filter((topic) => this.#topics.delete(topic))
		);
	}

	ring(topic: string): void {
		if (this.#connected) return this.#sendRing(topic);
		this.#waitingRings.add(topic);
		for (const oldest of this.#waitingRings) {
			if (this.#waitingRings.size <= waitingRingLimit) break;
			this.#waitingRings.delete(oldest);
		}
	}

	close(): void {
		this.#closed = true;
		this.#forgetMoments();
		this.#hangUp();
	}

	#dial(): void {
		const { url, deps } = this.#options;
		this.#socket = deps.dial(url, {
			opened: () => this.#opened(),
			received: (text) => this.#received(text),
			closed: () => this.#lost()
		});
	}

	#opened(): void {
		this.#connected = true;
		this.#heardAtMs = this.#options.deps.timers.now();
		this.#sendTopics('subscribe', [...this.#topics]);
		for (const topic of this.#waitingRings) this.#sendRing(topic);
		this.#waitingRings.clear();
		this.#schedulePing();
	}

	#received(text: string): void {
		this.#heardAtMs = this.#options.deps.timers.now();
		// Only a connection that works ends the back-off: a relay may accept sockets and close them at once.
		this.#failures = 0;
		const topic = ringTopic(text, this.#name);
		if (topic !== null && this.#topics.has(topic)) this.#options.onRing(topic);
	}

	/** 1 s, 2 s, … 5 min with full jitter, so that a relay that comes back is not met by all at once. */
	#lost(): void {
		this.#hangUp();
		if (this.#closed) return;
		const { timers, random } = this.#options.deps;
		const delayMs = random() * Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures);
		this.#failures++;
		this.#cancelTimer = timers.after(delayMs, () => this.#dial());
	}

	#schedulePing(): void {
		const { timers, random } = this.#options.deps;
		this.#cancelTimer = timers.after(jittered(pingEveryMs, 0.2, random), () => {
			if (timers.now() - this.#heardAtMs > silentMs) return this.#lost();
			this.#socket?.send(JSON.stringify({ type: 'ping' }));
			this.#schedulePing();
		});
	}

	#checkAwake(): void {
		const quietMs = this.#options.deps.timers.now() - this.#heardAtMs;
		if (!this.#connected || quietMs > silentMs) this.#redial();
	}

	/** Another network: the old socket is as good as dead, and earlier failures say nothing. */
	#redial(): void {
		this.#hangUp();
		this.#failures = 0;
		this.#dial();
	}

	#hangUp(): void {
		this.#cancelTimer();
		this.#socket?.close();
		this.#socket = null;
		this.#connected = false;
	}

	#sendTopics(type: 'subscribe' | 'unsubscribe', topics: readonly string[]): void {
		if (!this.#connected) return;
		for (let start = 0; start < topics.length; start += topicsPerMessage)
			this.#socket?.send(JSON.stringify({ type, topics: topics.slice(start, start + topicsPerMessage) }));
	}

	#sendRing(topic: string): void {
		this.#socket?.send(JSON.stringify({ type: 'publish', topic, data: { type: 'ring', from: this.#name } }));
	}
}

/** The topic of a ring by somebody else; null for any other text. */
function ringTopic(text: string, ownName: string): string | null {
	let message: unknown;
	try {
		message = JSON.parse(text);
	} catch {
		// Not JSON, so not for us: the relay is not trusted to send well-formed text.
		return null;
	}
	if (!isRecord(message) || message.type !== 'publish' || typeof message.topic !== 'string') return null;
	const { data } = message;
	return isRecord(data) && data.type === 'ring' && data.from !== ownName ? message.topic : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}
