/**
 * Runs in the app's page before the app: listens at the borders that the app cannot help crossing (keys, the store's
 * worker, data channels, the DOM, frames), so that the built app is measured as it is shipped.
 *
 * All times are milliseconds since 1970 with fractions: pages of one machine share that clock.
 */
import { unpack, type PackedMessages } from '../../../src/lib/store/packed-messages';

interface StoreCall {
	readonly id: number;
	readonly method: string;
	readonly args: readonly unknown[];
}

interface AppliedRow {
	readonly id: string;
	readonly text: string;
}

/** When a text reached each border on its way. Null: not (yet). */
export interface TextTimes {
	/** Handed to the read model: opened, verified, authorised. */
	applied: number | null;
	/** The read model has answered. */
	stored: number | null;
	inDom: number | null;
	/** The frame that shows it is done on the main thread. */
	painted: number | null;
}

export interface LongTask {
	readonly startMs: number;
	readonly durationMs: number;
	readonly blockingMs: number;
	/** What ran, longest first. */
	readonly scripts: readonly string[];
}

const now = (): number => performance.timeOrigin + performance.now();
const timesByText = new Map<string, TextTimes>();
const appliedIds = new Set<string>();
const waitingForReply = new Map<number, readonly string[]>();
const ownCalls = new Map<number, (value: unknown) => void>();
const frames: LongTask[] = [];
let storeWorker: Worker | null = null;
let lastAppliedMs = 0;
let lastStoredMs = 0;
let storedCount = 0;
const storedListeners: (() => void)[] = [];
let lastKeyMs = 0;
let lastKeyHandledMs = 0;
let ownCallId = -1;
const channelSends: { atMs: number; bytes: number }[] = [];

function timesOf(text: string): TextTimes {
	const known = timesByText.get(text) ?? { applied: null, stored: null, inDom: null, painted: null };
	timesByText.set(text, known);
	return known;
}

function isStoreCall(message: unknown): message is StoreCall {
	return typeof message === 'object' && message !== null && 'method' in message && 'args' in message;
}

/** Batches are packed (src/lib/store/packed-messages.ts); the app's own function unpacks them. */
function rowsOf(call: StoreCall): readonly AppliedRow[] {
	const [batch] = call.args;
	if (typeof batch !== 'object' || batch === null || !('messages' in batch)) return [];
	return unpack(batch.messages as PackedMessages);
}

function watchStore(worker: Worker): void {
	if (storeWorker === worker) return;
	storeWorker = worker;
	worker.addEventListener('message', ({ data }: MessageEvent<{ id: number; value: unknown }>) => {
		const at = now();
		ownCalls.get(data.id)?.(data.value);
		ownCalls.delete(data.id);
		const texts = waitingForReply.get(data.id);
		if (texts === undefined) return;
		waitingForReply.delete(data.id);
		lastStoredMs = at;
		storedCount += texts.length;
		for (const look of storedListeners.splice(0)) look();
		for (const text of texts) {
			const times = timesByText.get(text);
			if (times !== undefined) times.stored ??= at;
		}
	});
}

const postToWorker = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (this: Worker, ...args: Parameters<Worker['postMessage']>): void {
	const [message] = args;
	if (isStoreCall(message)) {
		watchStore(this);
		const rows = message.method === 'apply' ? rowsOf(message) : [];
		if (rows.length > 0) {
			const at = now();
			lastAppliedMs = at;
			for (const { id, text } of rows) {
				appliedIds.add(id);
				const times = timesByText.get(text);
				if (times !== undefined) times.applied ??= at;
			}
			waitingForReply.set(
				message.id,
				rows.map(({ text }) => text)
			);
		}
	}
	postToWorker.apply(this, args);
} as Worker['postMessage'];

const sendOnChannel = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: ArrayBuffer) => void;
RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: ArrayBuffer): void {
	if (channelSends.length < 100_000) channelSends.push({ atMs: now(), bytes: data.byteLength });
	sendOnChannel.call(this, data);
} as RTCDataChannel['send'];

let pendingWrites = 0;
const openTransaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (
	this: IDBDatabase,
	...args: Parameters<IDBDatabase['transaction']>
): IDBTransaction {
	const transaction = openTransaction.apply(this, args);
	if (transaction.mode === 'readwrite') {
		pendingWrites++;
		for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => pendingWrites--);
	}
	return transaction;
} as IDBDatabase['transaction'];

let noteConnected: (atMs: number) => void;
const connected = new Promise<number>((resolve) => (noteConnected = resolve));
const NativeConnection = RTCPeerConnection;
window.RTCPeerConnection = class extends NativeConnection {
	constructor(configuration?: RTCConfiguration) {
		super(configuration);
		this.addEventListener('connectionstatechange', () => {
			if (this.connectionState === 'connected') noteConnected(now());
		});
	}
};

addEventListener(
	'keydown',
	(event) => {
		if (event.key !== 'Enter') return;
		lastKeyMs = performance.timeOrigin + event.timeStamp;
		lastKeyHandledMs = now();
	},
	true
);

/** Called when a frame's work is over: a message posted in the frame callback comes after layout and paint. */
function afterFrame(task: () => void): void {
	requestAnimationFrame(() => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			task();
		};
		port2.postMessage(null);
	});
}

function seen(text: string): void {
	const times = timesByText.get(text);
	if (times === undefined || times.inDom !== null) return;
	times.inDom = now();
	afterFrame(() => (times.painted = now()));
}

const observer = new MutationObserver((records) => {
	if (timesByText.size === 0) return;
	const waiting = [...timesByText].filter(([, times]) => times.inDom === null);
	if (waiting.length === 0) return;
	for (const { addedNodes, target } of records) {
		for (const node of [...addedNodes, target]) {
			const place = node instanceof Element ? node : node.parentElement;
			// The composer holds the same text before it is sent, and the list shows its beginning.
			if (place === null || place.closest('form, nav, aside') !== null) continue;
			const shown = place.closest('article') ?? (place.querySelector('article') === null ? null : place);
			if (shown === null) continue;
			for (const [text] of waiting) if (shown.textContent.includes(text)) seen(text);
		}
	}
});
observer.observe(document, { subtree: true, childList: true, characterData: true });

interface ScriptEntry {
	readonly duration: number;
	readonly invoker: string;
	readonly sourceFunctionName: string;
	readonly sourceURL: string;
	readonly sourceCharPosition: number;
}

new PerformanceObserver((list) => {
	for (const entry of list.getEntries()) {
		const { blockingDuration, scripts } = entry as PerformanceEntry & {
			readonly blockingDuration: number;
			readonly scripts: readonly ScriptEntry[];
		};
		const words = [...scripts]
			.sort((a, b) => b.duration - a.duration)
			.slice(0, 3)
			.map((script) => {
				const file = script.sourceURL.split('/').pop() ?? '';
				return `${Math.round(script.duration)} ms ${script.invoker} ${script.sourceFunctionName} ${file}:${script.sourceCharPosition}`;
			});
		frames.push({
			startMs: performance.timeOrigin + entry.startTime,
			durationMs: entry.duration,
			blockingMs: blockingDuration,
			scripts: words
		});
	}
}).observe({ type: 'long-animation-frame', buffered: true });

const longTasks: { startMs: number; durationMs: number }[] = [];
new PerformanceObserver((list) => {
	for (const { startTime, duration } of list.getEntries())
		longTasks.push({ startMs: performance.timeOrigin + startTime, durationMs: duration });
}).observe({ type: 'longtask', buffered: true });

const probe = {
	now,
	/** From now on the way of this text is noted. Texts are unique, by the caller's care. */
	watch(text: string): void {
		timesOf(text);
	},
	timesOf: (text: string): TextTimes => ({ ...timesOf(text) }),
	/** The last press of Enter: when the browser received it, and when the page began with it. */
	lastKey: (): { readonly receivedMs: number; readonly handledMs: number } => ({
		receivedMs: lastKeyMs,
		handledMs: lastKeyHandledMs
	}),
	/** Messages handed to the read model so far, and the time of the last of them and of its answer. */
	progress: (): {
		readonly messages: number;
		readonly stored: number;
		readonly lastAppliedMs: number;
		readonly lastStoredMs: number;
	} => ({
		messages: appliedIds.size,
		stored: storedCount,
		lastAppliedMs,
		lastStoredMs
	}),
	/** Transactions of IndexedDB that are to write and have not ended. */
	pendingWrites: (): number => pendingWrites,
	/** Asks the read model itself, beside the app. */
	store(method: string, ...args: readonly unknown[]): Promise<unknown> {
		const worker = storeWorker;
		if (worker === null) return Promise.reject(new Error('the store has not been started'));
		const id = ownCallId--;
		return new Promise((resolve) => {
			ownCalls.set(id, resolve);
			postToWorker.call(worker, { id, method, args });
		});
	},
	/** Resolves when the read model holds `count` messages, with the time when it got the last (now, if it had them). */
	async holds(count: number): Promise<number> {
		for (;;) {
			const stored = new Promise<void>((resolve) => storedListeners.push(resolve));
			const { messages } = (await probe.store('stats')) as { messages: number };
			if (messages >= count) return lastStoredMs || now();
			await stored;
		}
	},
	/** Resolves after the frame in which `selector` is there at least `count` times, with that time. */
	async shown(selector: string, count = 1): Promise<number> {
		await probe.there(selector, count);
		return new Promise((resolve) => afterFrame(() => resolve(now())));
	},
	/** Resolves as soon as `selector` is in the document at least `count` times, with that time. */
	there(selector: string, count = 1): Promise<number> {
		return new Promise((resolve) => {
			const look = (): boolean => {
				if (document.querySelectorAll(selector).length < count) return false;
				resolve(now());
				return true;
			};
			if (look()) return;
			const watching = new MutationObserver(() => {
				if (look()) watching.disconnect();
			});
			watching.observe(document, { subtree: true, childList: true, attributes: true });
		});
	},
	/** Resolves when the first connection to a peer has come about, with the time. */
	connectedMs: (): Promise<number> => connected,
	longTasks: (): readonly { readonly startMs: number; readonly durationMs: number }[] => longTasks,
	longFrames: (): readonly LongTask[] => frames,
	channelSends: (): readonly { readonly atMs: number; readonly bytes: number }[] => channelSends
};

export type Probe = typeof probe;

declare global {
	interface Window {
		probe: Probe;
	}
}
window.probe = probe;
