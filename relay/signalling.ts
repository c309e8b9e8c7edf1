/**
 * `/signal`: the exchange that sets up links, in y-webrtc's wire format (JSON texts).
 *
 *   {type: 'subscribe' | 'unsubscribe', topics: [topic]}     {type: 'ping'} → {type: 'pong'}
 *   {type: 'publish', topic, data} → {type: 'publish', topic, data, clients} to the topic's other subscribers
 *
 * `data` is usually sealed under the room's password. Where it is a plain object with a `to`, it goes only to sockets
 * that have announced that id as their `from`. The relay keeps nothing of it.
 */
import * as v from 'valibot';
import { fail, ok, type Result } from '../src/lib/protocol/result';
import type { Clock } from './clock';
import { closeCodes } from './close-codes';
import { TokenBucket } from './limits';
import type { RelayMetrics } from './metrics';
import type { RelaySettings } from './settings';
import type { RelaySocket } from './socket';

function messageSchema(settings: RelaySettings) {
	const topic = v.pipe(v.string(), v.minLength(1), v.maxLength(settings.signalTopicLength));
	const topics = v.pipe(v.array(topic), v.maxLength(settings.signalTopics));
	return v.variant('type', [
		v.object({ type: v.literal('subscribe'), topics }),
		v.object({ type: v.literal('unsubscribe'), topics }),
		v.object({
			type: v.literal('publish'),
			topic,
			data: v.union([v.string(), v.record(v.string(), v.unknown())])
		}),
		v.object({ type: v.literal('ping') })
	]);
}

export type SignalMessage = v.InferOutput<ReturnType<typeof messageSchema>>;
type Publication = Extract<SignalMessage, { type: 'publish' }>;
export type SignalRejection = 'json' | 'schema';
export type SignalReader = (data: Uint8Array) => Result<SignalMessage, SignalRejection>;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** @returns a strict reader of signalling messages under these limits, which never throws on bad input */
export function createSignalReader(settings: RelaySettings): SignalReader {
	const schema = messageSchema(settings);
	return (data) => {
		let value: unknown;
		try {
			value = JSON.parse(utf8.decode(data));
		} catch {
			// Where exactly a stranger's text stops being JSON helps nobody.
			return fail('json');
		}
		const message = v.safeParse(schema, value, { abortEarly: true });
		return message.success ? ok(message.output) : fail('schema');
	};
}

const peerIdLengthLimit = 128;

/** A plain peer id of y-webrtc, or undefined where the field is missing or not one. */
function peerId(data: Publication['data'], field: 'from' | 'to'): string | undefined {
	const id = typeof data === 'string' || !Object.hasOwn(data, field) ? undefined : data[field];
	return typeof id === 'string' && id.length <= peerIdLengthLimit ? id : undefined;
}

interface Subscriber {
	readonly socket: RelaySocket;
	readonly topics: Set<string>;
	/** topic → the one id that this socket has announced there */
	readonly announcedByTopic: Map<string, string>;
	readonly messages: TokenBucket;
	readonly bytes: TokenBucket;
}

/** Owns all topics. Sockets are added by the server and leave when they close. */
export class Signalling {
	readonly #subscribersByTopic = new Map<string, Set<Subscriber>>();
	readonly #read: SignalReader;

	constructor(
		private readonly deps: {
			readonly settings: RelaySettings;
			readonly clock: Clock;
			readonly metrics: RelayMetrics;
		}
	) {
		this.#read = createSignalReader(deps.settings);
	}

	get topicCount(): number {
		return this.#subscribersByTopic.size;
	}

	add(socket: RelaySocket): void {
		const { settings, clock } = this.deps;
		const subscriber: Subscriber = {
			socket,
			topics: new Set(),
			announcedByTopic: new Map(),
			messages: new TokenBucket(clock, settings.signalMessagesPerSecond, settings.signalMessagesBurst),
			bytes: new TokenBucket(clock, settings.signalBytesPerSecond, settings.signalBytesBurst)
		};
		socket.onMessage((data, isBinary) => this.#receive(subscriber, data, isBinary));
		socket.onClose(() => {
			for (const topic of subscriber.topics) this.#leave(subscriber, topic);
		});
	}

	#receive(subscriber: Subscriber, data: Buffer, isBinary: boolean): void {
		const { socket } = subscriber;
		if (subscriber.messages.take(1) > 0 || subscriber.bytes.take(data.length) > 0) {
			this.deps.metrics.rejected.inc({ kind: 'signal', reason: 'rate' });
			socket.close(closeCodes.tooFast, 'too many messages');
			return;
		}
		const message = isBinary ? fail('binary') : this.#read(data);
		if (!message.ok) {
			this.deps.metrics.rejected.inc({ kind: 'signal', reason: message.reason });
			socket.close(closeCodes.malformed, `malformed: ${message.reason}`);
			return;
		}
		this.deps.metrics.signalMessages.inc({ type: message.value.type });
		switch (message.value.type) {
			case 'subscribe':
				for (const topic of message.value.topics) if (!this.#join(subscriber, topic)) return;
				return;
			case 'unsubscribe':
				for (const topic of message.value.topics) this.#leave(subscriber, topic);
				return;
			case 'publish':
				this.#publish(subscriber, message.value);
				return;
			case 'ping':
				socket.send('{"type":"pong"}');
		}
	}

	#join(subscriber: Subscriber, topic: string): boolean {
		if (subscriber.topics.has(topic)) return true;
		if (subscriber.topics.size >= this.deps.settings.signalTopics) {
			this.deps.metrics.rejected.inc({ kind: 'signal', reason: 'topics' });
			subscriber.socket.close(closeCodes.tooManyTopics, 'too many topics');
			return false;
		}
		subscriber.topics.add(topic);
		const subscribers = this.#subscribersByTopic.get(topic) ?? new Set();
		subscribers.add(subscriber);
		this.#subscribersByTopic.set(topic, subscribers);
		return true;
	}

	#leave(subscriber: Subscriber, topic: string): void {
		subscriber.topics.delete(topic);
		subscriber.announcedByTopic.delete(topic);
		const subscribers = this.#subscribersByTopic.get(topic);
		subscribers?.delete(subscriber);
		if (subscribers?.size === 0) this.#subscribersByTopic.delete(topic);
	}

	#publish(sender: Subscriber, { topic, data }: Publication): void {
		const subscribers = this.#subscribersByTopic.get(topic) ?? new Set<Subscriber>();
		const from = peerId(data, 'from');
		if (from !== undefined && sender.topics.has(topic)) sender.announcedByTopic.set(topic, from);
		let text: string;
		try {
			text = JSON.stringify({ type: 'publish', topic, data, clients: subscribers.size });
		} catch (error) {
			// Nesting that JSON.parse takes can be too deep for JSON.stringify.
			if (!(error instanceof RangeError)) throw error;
			this.deps.metrics.rejected.inc({ kind: 'signal', reason: 'nesting' });
			sender.socket.close(closeCodes.malformed, 'malformed: nesting');
			return;
		}
		const to = peerId(data, 'to');
		for (const receiver of subscribers) {
			if (receiver === sender) continue;
			// More than one socket may claim an id: a device that reconnects, whose old socket is not yet known to be dead.
			if (to !== undefined && receiver.announcedByTopic.get(topic) !== to) continue;
			this.#deliver(receiver, text);
		}
	}

	#deliver(receiver: Subscriber, text: string): void {
		// Signalling is repeated by those who need it; a socket that does not drain is not worth memory.
		if (receiver.socket.slow) this.deps.metrics.signalDropped.inc({ reason: 'slow' });
		else if (receiver.socket.send(text)) this.deps.metrics.signalDelivered.inc();
	}
}
