/** A request to an inbox, read, and the ways to answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
	decodeInboxName,
	inboxItemIdLength,
	inboxNonceHeader,
	type InboxAction
} from '../src/lib/protocol/inbox';
import { inboxTopicLength } from '../src/lib/protocol/inbox-topic';
import { fail, ok, type Result } from '../src/lib/protocol/result';

export interface InboxTarget {
	readonly topic: Uint8Array;
	readonly item: Uint8Array | null;
	readonly query: URLSearchParams;
}

export type InboxAct = InboxAction | 'leave';

/** @returns null if the path is not an inbox's; a failure if nothing can ever have that name */
export function readInboxTarget(request: IncomingMessage): Result<InboxTarget, 'not-found'> | null {
	const [address = '', query = ''] = (request.url ?? '').split('?', 2);
	const path = /^\/inbox\/([^/]+)(?:\/([^/]+))?$/.exec(address);
	if (path === null) return null;
	const topic = decodeInboxName(path[1] ?? '', inboxTopicLength);
	const item = path[2] === undefined ? ok(null) : decodeInboxName(path[2], inboxItemIdLength);
	if (!topic.ok || !item.ok) return fail('not-found');
	return ok({ topic: topic.value, item: item.value, query: new URLSearchParams(query) });
}

/** @returns what is asked for, or null if that cannot be done to this */
export function inboxActOf(method: string | undefined, { item }: InboxTarget): InboxAct | null {
	if (method === 'POST' && item === null) return 'leave';
	if (method === 'GET') return item === null ? 'list' : 'fetch';
	return method === 'DELETE' && item !== null ? 'delete' : null;
}

export type BodyRefusal = 'too-large' | 'empty' | 'aborted';

/** @returns all of it, or why not; what is beyond the limit is not read. Never rejects. */
export function readBody(
	request: IncomingMessage,
	limitBytes: number
): Promise<Result<Uint8Array, BodyRefusal>> {
	if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve(fail('too-large'));
	return new Promise((resolve) => {
		const parts: Buffer[] = [];
		let length = 0;
		request.on('data', (part: Buffer) => {
			length += part.length;
			if (length <= limitBytes) return void parts.push(part);
			request.pause();
			resolve(fail('too-large'));
		});
		request.on('end', () => resolve(length === 0 ? fail('empty') : ok(Buffer.concat(parts))));
		// After the end they say nothing new; before it, the client has gone.
		request.on('error', () => resolve(fail('aborted')));
		request.on('close', () => resolve(fail('aborted')));
	});
}

/** @returns whole seconds, at most `most`, which is also what nothing stands for; or null */
export function readSeconds(text: string | null, most: number): number | null {
	if (text === null) return most;
	return /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : null;
}

/** The app may come from another relay than the inbox. Nothing here goes by cookies. */
export function allowOtherOrigins(response: ServerResponse): void {
	response.setHeader('Access-Control-Allow-Origin', '*');
	response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
	response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, If-None-Match');
	response.setHeader('Access-Control-Expose-Headers', `ETag, Retry-After, ${inboxNonceHeader}`);
	response.setHeader('Access-Control-Max-Age', '600');
	response.setHeader('Cache-Control', 'no-store');
}

export function send(response: ServerResponse, status: number, body: Uint8Array): void {
	response.writeHead(status, {
		'Content-Type': 'application/octet-stream',
		'Content-Length': body.length
	});
	response.end(body);
}

export function sayNo(response: ServerResponse, status: number, error: string): void {
	response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
	response.end(`${JSON.stringify({ error })}\n`);
}
