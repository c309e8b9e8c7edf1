/**
 * The two sides of an inbox at a relay (docs/decisions/0015): whoever knows a topic leaves something there; the owner
 * looks, waits, fetches and deletes. Makes one request a call, two where the relay wants a fresh nonce; when to try
 * again is for the caller to say. What lies in an inbox is sealed bytes here.
 */
import { fromBase64url, toBase64url } from '../protocol/base64url';
import type { SigningKeys } from '../protocol/crypto';
import {
	authorizeInboxRequest,
	decodeInboxList,
	decodeInboxReceipt,
	inboxBlobLimitBytes,
	inboxItemIdOf,
	inboxNonceHeader,
	inboxNonceLength,
	inboxTopicOf,
	type InboxItem,
	type InboxReceipt,
	type InboxRequest
} from '../protocol/inbox';
import { equalBytes } from '../protocol/bytes';
import { fail, ok, type Result } from '../protocol/result';

export interface InboxDeps {
	readonly fetch: typeof fetch;
	readonly subtle: SubtleCrypto;
	/** "https://host/inbox" */
	readonly url: string;
}

/** Of any call: no answer, or one that no sound relay gives. */
export type InboxFailure = 'unreachable' | 'relay-error' | 'relay-nonsense' | 'too-fast';
/** inbox-full, relay-full: later, or elsewhere. inbox-share: the owner has to look first. */
export type LeaveFailure = InboxFailure | 'inbox-full' | 'inbox-share' | 'relay-full' | 'too-large';
/** not-allowed: the relay takes this key, host or clock for wrong, even with a nonce of its own. */
export type OwnerFailure = InboxFailure | 'not-allowed';

/** What an inbox holds, and the relay's word for exactly that. */
export interface InboxState {
	readonly items: readonly InboxItem[];
	readonly tag: string;
}

/** The relay's reason, of those that a caller can act on. */
const leaveFailures: ReadonlySet<string> = new Set<LeaveFailure>([
	'inbox-full',
	'inbox-share',
	'relay-full',
	'too-large',
	'too-fast'
]);
const isLeaveFailure = (reason: string): reason is LeaveFailure => leaveFailures.has(reason);

async function ask(
	deps: InboxDeps,
	path: string,
	init: RequestInit
): Promise<Result<Response, 'unreachable'>> {
	try {
		return ok(await deps.fetch(`${deps.url}/${path}`, { ...init, cache: 'no-store', credentials: 'omit' }));
	} catch {
		// No network, no relay, or called off: fetch does not tell them apart in a way that one could act on.
		return fail('unreachable');
	}
}

async function bytesOf(response: Response): Promise<Result<Uint8Array, 'unreachable'>> {
	try {
		return ok(new Uint8Array(await response.arrayBuffer()));
	} catch {
		// The connection broke in the middle of the answer.
		return fail('unreachable');
	}
}

async function reasonOf(response: Response): Promise<string> {
	try {
		const body: unknown = await response.json();
		return typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : '';
	} catch {
		// Whatever stands in between has answered in its own words.
		return '';
	}
}

const statusFailure = (response: Response): 'too-fast' | 'relay-error' =>
	response.status === 429 ? 'too-fast' : 'relay-error';

/**
 * Leaves sealed bytes in an inbox. When it succeeds they are on the relay's disk; the same bytes again change nothing.
 * @param blob 1 … 16 384 bytes
 * @param keepSeconds the relay keeps it no longer than 14 days
 */
export async function leaveInInbox(
	deps: InboxDeps,
	topic: Uint8Array,
	blob: Uint8Array,
	keepSeconds: number,
	signal?: AbortSignal
): Promise<Result<InboxReceipt, LeaveFailure>> {
	if (blob.length > inboxBlobLimitBytes) return fail('too-large');
	const asked = await ask(deps, `${toBase64url(topic)}?seconds=${Math.floor(keepSeconds)}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/octet-stream' },
		body: blob as Uint8Array<ArrayBuffer>,
		signal: signal ?? null
	});
	if (!asked.ok) return asked;
	const response = asked.value;
	if (!response.ok) {
		const reason = await reasonOf(response);
		return fail(isLeaveFailure(reason) ? reason : statusFailure(response));
	}
	const bytes = await bytesOf(response);
	if (!bytes.ok) return bytes;
	const receipt = decodeInboxReceipt(bytes.value);
	if (!receipt.ok || !equalBytes(receipt.value.id, inboxItemIdOf(topic, blob))) return fail('relay-nonsense');
	return receipt;
}

/** One's own inbox at one relay. */
export class OwnInbox {
	/** 32 bytes; what others need to leave something here. */
	readonly topic: Uint8Array;
	#nonce: Uint8Array | null = null;

	constructor(
		readonly deps: InboxDeps,
		private readonly owner: SigningKeys
	) {
		this.topic = inboxTopicOf(owner.publicKey);
	}

	/**
	 * @param known what is held already: then the answer may be that very state
	 * @param waitSeconds how long the relay may wait for something else than `known`, 0 … 25
	 */
	async list(
		known?: InboxState,
		waitSeconds = 0,
		signal?: AbortSignal
	): Promise<Result<InboxState, OwnerFailure>> {
		const request = { action: 'list', topic: this.topic, item: null } as const;
		const asked = await this.#ask('GET', request, {
			query: waitSeconds > 0 ? `?wait=${waitSeconds}` : '',
			headers: known === undefined ? {} : { 'If-None-Match': known.tag },
			signal
		});
		if (!asked.ok) return asked;
		if (asked.value.status === 304) return known === undefined ? fail('relay-nonsense') : ok(known);
		if (!asked.value.ok) return fail(statusFailure(asked.value));
		const bytes = await bytesOf(asked.value);
		if (!bytes.ok) return bytes;
		const items = decodeInboxList(bytes.value);
		if (!items.ok) return fail('relay-nonsense');
		return ok({ items: items.value, tag: asked.value.headers.get('etag') ?? '' });
	}

	/** @returns the sealed bytes, or null if the item has gone; checked against the item's id */
	async fetch(id: Uint8Array, signal?: AbortSignal): Promise<Result<Uint8Array | null, OwnerFailure>> {
		const asked = await this.#ask('GET', { action: 'fetch', topic: this.topic, item: id }, { signal });
		if (!asked.ok) return asked;
		if (asked.value.status === 404) return ok(null);
		if (!asked.value.ok) return fail(statusFailure(asked.value));
		const bytes = await bytesOf(asked.value);
		if (!bytes.ok) return bytes;
		return equalBytes(inboxItemIdOf(this.topic, bytes.value), id) ? bytes : fail('relay-nonsense');
	}

	/** @returns whether the item was still there. When it succeeds, it is gone from the relay's disk. */
	async delete(id: Uint8Array, signal?: AbortSignal): Promise<Result<boolean, OwnerFailure>> {
		const asked = await this.#ask('DELETE', { action: 'delete', topic: this.topic, item: id }, { signal });
		if (!asked.ok) return asked;
		if (asked.value.status === 404) return ok(false);
		return asked.value.ok ? ok(true) : fail(statusFailure(asked.value));
	}

	/** With the nonce of the last answer, or a fresh one; if the relay finds it wanting, once more with the one of the answer. */
	async #ask(
		method: 'GET' | 'DELETE',
		request: InboxRequest,
		more: { query?: string; headers?: Record<string, string>; signal?: AbortSignal | undefined }
	): Promise<Result<Response, OwnerFailure>> {
		const path = [toBase64url(this.topic), ...(request.item === null ? [] : [toBase64url(request.item)])];
		const signal = more.signal ?? null;
		for (let attempt = 0; attempt < 2; attempt++) {
			let nonce = this.#nonce;
			// A nonce is good once; what runs beside this has to ask for one of its own.
			this.#nonce = null;
			if (nonce === null) {
				const given = await ask(this.deps, `${toBase64url(this.topic)}?nonce`, { method: 'GET', signal });
				if (!given.ok) return given;
				nonce = nonceOf(given.value);
				if (nonce === null && given.value.status === 401) return fail('not-allowed');
				if (nonce === null && !given.value.ok) return fail(statusFailure(given.value));
			}
			const headers: Record<string, string> = { ...more.headers };
			if (nonce !== null) headers['Authorization'] = await this.#authorization(request, nonce);
			const asked = await ask(this.deps, path.join('/') + (more.query ?? ''), { method, headers, signal });
			if (!asked.ok) return asked;
			this.#nonce = nonceOf(asked.value);
			if (asked.value.status !== 401) return asked;
		}
		return fail('not-allowed');
	}

	#authorization(request: InboxRequest, nonce: Uint8Array): Promise<string> {
		const { host } = new URL(this.deps.url);
		return authorizeInboxRequest(this.deps.subtle, this.owner, request, nonce, host);
	}
}

function nonceOf(response: Response): Uint8Array | null {
	const nonce = fromBase64url(response.headers.get(inboxNonceHeader) ?? '');
	return nonce.ok && nonce.value.length === inboxNonceLength ? nonce.value : null;
}
