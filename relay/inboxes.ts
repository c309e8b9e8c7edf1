/**
 * `/inbox/<topic>`: what strangers and friends leave for somebody who is away (docs/decisions/0015). Leaving is open
 * and limited; looking, fetching and deleting is for the holder of the topic's key. What is acknowledged is on the
 * disk; what lies there is never given up for something new. An owner who waits hears of a new item at once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toBase64url } from '../src/lib/protocol/base64url';
import { concatBytes } from '../src/lib/protocol/bytes';
import { hmacSha256, sha256 } from '../src/lib/protocol/crypto';
import {
	decodeInboxAuthorization,
	encodeInboxList,
	encodeInboxReceipt,
	inboxBlobLimitBytes,
	inboxItemIdOf,
	inboxItemsLimit,
	inboxLongestKeepSeconds,
	inboxLongestWaitSeconds,
	inboxNonceHeader,
	verifyInboxRequest,
	type InboxAction,
	type InboxRequest
} from '../src/lib/protocol/inbox';
import { fail, ok, type Result } from '../src/lib/protocol/result';
import type { Clock } from './clock';
import {
	allowOtherOrigins,
	inboxActOf,
	readBody,
	readInboxTarget,
	readSeconds,
	sayNo,
	send,
	type BodyRefusal,
	type InboxAct,
	type InboxTarget
} from './inbox-exchange';
import { InboxNonces } from './inbox-nonces';
import type { InboxRefusal, InboxStorage } from './inbox-storage';
import { BoundedCounts, BucketByKey, isOwnName } from './limits';
import type { RelayLog } from './log';
import type { RelayMetrics } from './metrics';
import type { RelaySettings } from './settings';

const sweepEveryMs = 60_000;
const sweepLimit = 1_000;
const senderLength = 8;

const statusOf: Readonly<Record<InboxRefusal | BodyRefusal, number>> = {
	'inbox-full': 507,
	'relay-full': 507,
	'inbox-share': 429,
	'too-large': 413,
	empty: 400,
	aborted: 400
};

export interface InboxesDeps {
	readonly settings: RelaySettings;
	readonly inboxes: InboxStorage;
	readonly clock: Clock;
	readonly metrics: RelayMetrics;
	readonly log: RelayLog;
	readonly crypto: Crypto;
}

/** One request on its way to its one answer. */
interface Exchange extends InboxTarget {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly action: InboxAct;
	readonly address: string;
}

export class Inboxes {
	readonly #nonces: InboxNonces;
	readonly #senderKey: Uint8Array;
	readonly #posts: BucketByKey;
	readonly #requests: BucketByKey;
	readonly #underWay: BoundedCounts;
	readonly #wakersByTopic = new Map<string, Set<() => void>>();
	readonly #stopSweeping: () => void;
	#sweeping: Promise<void> = Promise.resolve();
	readonly #answering = new Set<Promise<void>>();

	constructor(private readonly deps: InboxesDeps) {
		const { settings, clock, crypto } = deps;
		const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
		this.#nonces = new InboxNonces(random(32), random);
		this.#senderKey = random(32);
		this.#posts = new BucketByKey(clock, settings.inboxPostsPerHour / 3600, settings.inboxPostsBurst);
		this.#requests = new BucketByKey(
			clock,
			settings.inboxRequestsPerMinute / 60,
			settings.inboxRequestsPerMinute
		);
		this.#underWay = new BoundedCounts(settings.inboxRequestsPerAddress);
		this.#tellTotals();
		this.#sweep();
		this.#stopSweeping = clock.every(sweepEveryMs, () => this.#sweep());
	}

	/** @returns false if the path is not an inbox's; otherwise it is answered, sooner or later */
	handle(request: IncomingMessage, response: ServerResponse, address: string): boolean {
		const asked = readInboxTarget(request);
		if (asked === null) return false;
		allowOtherOrigins(response);
		if (!asked.ok) sayNo(response, 404, asked.reason);
		else if (request.method === 'OPTIONS') response.writeHead(204).end();
		else {
			const action = inboxActOf(request.method, asked.value);
			if (action === null) sayNo(response, 405, 'method-not-allowed');
			else this.#answer({ request, response, action, address, ...asked.value });
		}
		return true;
	}

	/** Lets nobody wait any more. Resolves when nothing is under way. */
	async close(): Promise<void> {
		this.#stopSweeping();
		for (const wakers of this.#wakersByTopic.values()) for (const wake of wakers) wake();
		await Promise.all([this.#sweeping, ...this.#answering]);
	}

	#answer(exchange: Exchange): void {
		const { response, address, action } = exchange;
		response.on('finish', () =>
			this.deps.metrics.inboxRequests.inc({ action, status: String(response.statusCode) })
		);
		if (!this.#underWay.add(address)) return this.#slowDown(exchange, 1);
		response.on('close', () => this.#underWay.remove(address));
		const waitMs = (action === 'leave' ? this.#posts : this.#requests).take(address);
		if (waitMs > 0) return this.#slowDown(exchange, Math.ceil(waitMs / 1000));
		const serving = action === 'leave' ? this.#leave(exchange) : this.#serveOwner(exchange, action);
		const answering = serving.catch((error: unknown) => {
			this.deps.log.error({ err: error }, 'inbox failed');
			if (response.headersSent) response.destroy();
			else this.#refuse(exchange, 500, 'storage');
		});
		this.#answering.add(answering);
		void answering.then(() => this.#answering.delete(answering));
	}

	#slowDown(exchange: Exchange, seconds: number): void {
		exchange.response.setHeader('Retry-After', String(seconds));
		this.#refuse(exchange, 429, 'too-fast');
	}

	#refuse({ request, response }: Exchange, status: number, reason: string): void {
		this.deps.metrics.rejected.inc({ kind: 'inbox', reason });
		// What is left of a body that nobody will read would be taken for the next request.
		if (!request.complete) response.setHeader('Connection', 'close');
		sayNo(response, status, reason);
	}

	// --- leaving something

	async #leave(exchange: Exchange): Promise<void> {
		const { request, response, topic, query, address } = exchange;
		const { clock, inboxes, settings } = this.deps;
		const keepSeconds = readSeconds(query.get('seconds'), inboxLongestKeepSeconds);
		if (keepSeconds === null || keepSeconds === 0) return this.#refuse(exchange, 400, 'seconds');
		const body = await readBody(request, Math.min(settings.inboxBlobBytes, inboxBlobLimitBytes));
		if (!body.ok) return this.#refuse(exchange, statusOf[body.reason], body.reason);
		const blob = body.value;
		const receivedSeconds = clock.unixSeconds();
		const item = {
			id: inboxItemIdOf(topic, blob),
			sender: this.#senderAt(topic, address),
			receivedSeconds,
			expiresSeconds: receivedSeconds + keepSeconds,
			blob
		};
		// A longer list is one that clients refuse.
		const limits = { ...settings, inboxItems: Math.min(settings.inboxItems, inboxItemsLimit) };
		const put = await inboxes.put(topic, item, limits);
		if (!put.ok) return this.#refuse(exchange, statusOf[put.reason], put.reason);
		this.#tellTotals();
		send(response, put.value.isNew ? 201 : 200, encodeInboxReceipt(put.value.item));
		if (put.value.isNew) this.#wake(topic);
	}

	/** Says nothing of the address, and nothing beyond this topic and this run of the relay. */
	#senderAt(topic: Uint8Array, address: string): Uint8Array {
		const bytes = concatBytes(topic, new TextEncoder().encode(address));
		return hmacSha256(this.#senderKey, bytes).subarray(0, senderLength);
	}

	// --- the owner

	async #serveOwner(exchange: Exchange, action: InboxAction): Promise<void> {
		const { request, response, topic, item } = exchange;
		const { clock, inboxes } = this.deps;
		const header = request.headers.authorization;
		const allowed = header === undefined ? null : await this.#allows(header, { action, topic, item });
		const nonce = this.#nonces.issue(clock.unixSeconds());
		response.setHeader(inboxNonceHeader, toBase64url(nonce));
		// Asking for a nonce is how an owner begins; no error, which browsers would write into the console.
		if (allowed === null && action === 'list' && exchange.query.has('nonce'))
			return void response.writeHead(204).end();
		if (allowed === null) return sayNo(response, 401, 'nonce-missing');
		if (!allowed.ok) return this.#refuse(exchange, 401, allowed.reason);
		if (item === null) return this.#list(exchange);
		if (action === 'fetch') {
			const blob = inboxes.blob(topic, item, clock.unixSeconds());
			return blob === null ? sayNo(response, 404, 'no-item') : send(response, 200, blob);
		}
		const isGone = await inboxes.delete(topic, item);
		if (!isGone) return sayNo(response, 404, 'no-item');
		this.#tellTotals();
		this.#wake(topic);
		response.writeHead(204).end();
	}

	async #allows(header: string, request: InboxRequest): Promise<Result<void, string>> {
		const { crypto, clock, settings } = this.deps;
		const authorization = decodeInboxAuthorization(header);
		if (!authorization.ok) return fail('authorization');
		const { nonce, host } = authorization.value;
		if (!isOwnName(settings.ticketHosts, host)) return fail('host');
		const early = this.#nonces.refusal(nonce, clock.unixSeconds());
		if (early !== null) return fail(early);
		if (!(await verifyInboxRequest(crypto.subtle, request, authorization.value))) return fail('signature');
		// Another request with the same nonce may have been verified in the meantime.
		const late = this.#nonces.refusal(nonce, clock.unixSeconds());
		if (late !== null) return fail(late);
		this.#nonces.use(nonce);
		return ok(undefined);
	}

	async #list(exchange: Exchange): Promise<void> {
		const { request, response, topic, query } = exchange;
		const { clock, inboxes } = this.deps;
		const waitSeconds = readSeconds(query.get('wait') ?? '0', inboxLongestWaitSeconds);
		if (waitSeconds === null) return this.#refuse(exchange, 400, 'seconds');
		const known = request.headers['if-none-match'];
		const look = (): readonly [Uint8Array, string] => {
			const items = inboxes.list(topic, clock.unixSeconds());
			return [encodeInboxList(items), `"${toBase64url(sha256(concatBytes(...items.map(({ id }) => id))))}"`];
		};
		let [list, tag] = look();
		if (tag === known && waitSeconds > 0) {
			await this.#change(topic, waitSeconds, response);
			if (response.destroyed) return;
			[list, tag] = look();
			// The nonce that was issued before the wait has grown old with it.
			response.setHeader(inboxNonceHeader, toBase64url(this.#nonces.issue(clock.unixSeconds())));
		}
		response.setHeader('ETag', tag);
		if (tag === known) response.writeHead(304).end();
		else send(response, 200, list);
	}

	/** Resolves when something has come or gone, the time is over or nobody waits any more. */
	#change(topic: Uint8Array, waitSeconds: number, response: ServerResponse): Promise<void> {
		const name = toBase64url(topic);
		const wakers = this.#wakersByTopic.get(name) ?? new Set();
		this.#wakersByTopic.set(name, wakers);
		return new Promise((resolve) => {
			const wake = (): void => {
				cancel();
				response.off('close', wake);
				wakers.delete(wake);
				if (wakers.size === 0 && this.#wakersByTopic.get(name) === wakers) this.#wakersByTopic.delete(name);
				resolve();
			};
			const cancel = this.deps.clock.after(waitSeconds * 1000, wake);
			response.on('close', wake);
			wakers.add(wake);
		});
	}

	#wake(topic: Uint8Array): void {
		for (const wake of [...(this.#wakersByTopic.get(toBase64url(topic)) ?? [])]) wake();
	}

	// --- upkeep

	#sweep(): void {
		const { inboxes, clock, metrics, log } = this.deps;
		this.#sweeping = this.#sweeping
			.then(() => inboxes.sweep(clock.unixSeconds(), sweepLimit))
			.then(
				(count) => {
					metrics.inboxExpired.inc(count);
					this.#tellTotals();
				},
				(error: unknown) => log.error({ err: error }, 'inboxes could not be swept')
			);
	}

	#tellTotals(): void {
		const { metrics, inboxes } = this.deps;
		const { items, bytes } = inboxes.totals;
		metrics.inboxItems.set(items);
		metrics.inboxBytes.set(bytes);
	}
}
