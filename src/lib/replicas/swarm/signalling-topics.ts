/**
 * One signalling socket for all that is said outside of y-webrtc's rooms: rings of conversations that are not hot, and
 * what comes and goes by contact links. Same wire as y-webrtc's signalling, so that any server for it serves. Stays
 * connected by itself; nothing that could not be sent waits here.
 */
import { jittered, type Timers } from '../../link/timers';
import type { PageMoments } from './page-moments';

/** An open or opening socket. After `close` none of its events may be reported. */
export interface SignallingSocket {
	send(text: string): void;
	close(): void;
}

export interface SignallingSocketEvents {
	opened(): void;
	received(text: string): void;
	/** At most once; also when it never opened. */
	closed(): void;
}

export interface SignallingTopicsDeps {
	dial(url: string, events: SignallingSocketEvents): SignallingSocket;
	readonly timers: Timers;
	/** In [0, 1); for jitter. */
	readonly random: () => number;
	readonly moments: PageMoments;
}

/** Whoever wants to know what happens on the topics; looks itself whether a topic is one of its own. */
export interface TopicsListener {
	/** There is a connection, or another one. */
	connected(): void;
	/** Somebody has published something: anybody, and anything. */
	heard(topic: string, data: unknown): void;
}

/** Topics of a signalling server. Whoever shares them has topics of their own. */
export interface Topics {
	listen(topics: Iterable<string>): void;
	ignore(topics: Iterable<string>): void;
	/** @returns false if there is no connection: then it is lost */
	publish(topic: string, data: string | Readonly<Record<string, string>>): boolean;
	/** @returns what ends it */
	follow(listener: TopicsListener): () => void;
}

const firstRetryMs = 1_000;
const longestRetryMs = 300_000;
const pingEveryMs = 20_000;
/** Twice the ping: one lost answer is nothing. */
const silentMs = 45_000;
/** Topics in one subscribe message; keeps it small for relays that limit messages. */
const topicsPerMessage = 100;

/** Dials with the browser's WebSocket. */
export function dialWebSocket(url: string, events: SignallingSocketEvents): SignallingSocket {
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

export class SignallingTopics implements Topics {
	readonly #topics = new Set<string>();
	readonly #listeners = new Set<TopicsListener>();
	readonly #forgetMoments: () => void;
	#socket: SignallingSocket | null = null;
	#connected = false;
	#failures = 0;
	#heardAtMs = 0;
	#cancelTimer: () => void = () => undefined;
	#closed = false;

	/** Dials at once. @param url "wss://host/signal" */
	constructor(
		readonly url: string,
		readonly deps: SignallingTopicsDeps
	) {
		this.#forgetMoments = deps.moments((moment) => {
			if (moment === 'online') this.#redial();
			else if (moment === 'awake') this.#checkAwake();
		});
		this.#dial();
	}

	/** True while the socket is open. */
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

	publish(topic: string, data: string | Readonly<Record<string, string>>): boolean {
		if (!this.#connected) return false;
		this.#socket?.send(JSON.stringify({ type: 'publish', topic, data }));
		return true;
	}

	follow(listener: TopicsListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	close(): void {
		this.#closed = true;
		this.#forgetMoments();
		this.#hangUp();
	}

	#dial(): void {
		this.#socket = this.deps.dial(this.url, {
			opened: () => this.#opened(),
			received: (text) => this.#received(text),
			closed: () => this.#lost()
		});
	}

	#opened(): void {
		this.#connected = true;
		this.#heardAtMs = this.deps.timers.now();
		this.#sendTopics('subscribe', [...this.#topics]);
		for (const listener of this.#listeners) listener.connected();
		this.#schedulePing();
	}

	#received(text: string): void {
		this.#heardAtMs = this.deps.timers.now();
		// Only a connection that works ends the back-off: a relay may accept sockets and close them at once.
		this.#failures = 0;
		const published = readPublication(text);
		if (published === null || !this.#topics.has(published.topic)) return;
		for (const listener of this.#listeners) listener.heard(published.topic, published.data);
	}

	/** 1 s, 2 s, … 5 min with full jitter, so that a relay that comes back is not met by all at once. */
	#lost(): void {
		this.#hangUp();
		if (this.#closed) return;
		const { timers, random } = this.deps;
		const delayMs = random() * Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures);
		this.#failures++;
		this.#cancelTimer = timers.after(delayMs, () => this.#dial());
	}

	#schedulePing(): void {
		const { timers, random } = this.deps;
		this.#cancelTimer = timers.after(jittered(pingEveryMs, 0.2, random), () => {
			if (timers.now() - this.#heardAtMs > silentMs) return this.#lost();
			this.#socket?.send(JSON.stringify({ type: 'ping' }));
			this.#schedulePing();
		});
	}

	#checkAwake(): void {
		const quietMs = this.deps.timers.now() - this.#heardAtMs;
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
}

function readPublication(text: string): { readonly topic: string; readonly data: unknown } | null {
	let message: unknown;
	try {
		message = JSON.parse(text);
	} catch {
		// Not JSON, so not for us: the relay is not trusted to send well-formed text.
		return null;
	}
	if (typeof message !== 'object' || message === null) return null;
	if (!('type' in message) || message.type !== 'publish' || !('topic' in message)) return null;
	const { topic } = message;
	return typeof topic === 'string' ? { topic, data: 'data' in message ? message.data : undefined } : null;
}
