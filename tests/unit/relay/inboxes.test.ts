/** Inboxes over real HTTP and a real disk: who may do what, what floods can do, what survives. */
import { describe, expect, it } from 'vitest';
import { LmdbInboxStorage } from '../../../relay/lmdb-inbox-storage';
import type { Relay } from '../../../relay/server';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { SigningKeys } from '../../../src/lib/protocol/crypto';
import {
	authorizeInboxRequest,
	inboxItemIdOf,
	inboxNonceHeader,
	inboxTopicOf,
	type InboxRequest
} from '../../../src/lib/protocol/inbox';
import { fromBase64url } from '../../../src/lib/protocol/base64url';
import { leaveInInbox, OwnInbox, type InboxDeps } from '../../../src/lib/replicas/inbox';
import { must } from '../../must';
import { crypto } from './lane-writer';
import { ManualClock } from './manual-clock';
import { eventually, metric, newFolder, startTestRelay } from './test-relay';

const { subtle } = crypto;
const daySeconds = 24 * 60 * 60;

/** @param address whose requests these are, as a proxy says */
const depsAt = (relay: Pick<Relay, 'url'>, address = '10.0.0.1'): InboxDeps => ({
	subtle,
	url: `${relay.url}/inbox`,
	fetch: (input, init) =>
		fetch(input, { ...init, headers: { ...(init?.headers as object), 'x-forwarded-for': address } })
});

interface Scene {
	readonly relay: Relay;
	readonly clock: ManualClock;
	readonly folder: string;
	readonly owner: SigningKeys;
	readonly inbox: OwnInbox;
	readonly leave: (blob: Uint8Array, seconds?: number, address?: string) => ReturnType<typeof leaveInInbox>;
}

async function scene(settings = {}): Promise<Scene> {
	const clock = new ManualClock();
	const folder = newFolder();
	const relay = await startTestRelay({ settings: { trustProxy: true, ...settings }, clock, folder });
	const owner = await crypto.generateSigningKeys();
	const inbox = new OwnInbox(depsAt(relay, '10.9.9.9'), owner);
	const leave: Scene['leave'] = (blob, seconds = daySeconds, address = '10.0.0.1') =>
		leaveInInbox(depsAt(relay, address), inbox.topic, blob, seconds);
	return { relay, clock, folder, owner, inbox, leave };
}

const blobOf = (length = 200): Uint8Array<ArrayBuffer> => crypto.randomBytes(length);
const idsIn = async (inbox: OwnInbox): Promise<string[]> =>
	must(await inbox.list()).items.map(({ id }) => toBase64url(id));

async function freshNonce(address: string): Promise<Uint8Array> {
	const response = await fetch(address);
	expect(response.status).toBe(401);
	return must(fromBase64url(response.headers.get(inboxNonceHeader) ?? ''));
}

describe('an inbox', () => {
	it('keeps what is left for its owner, who fetches and deletes it', async () => {
		const here = await scene();
		const [first, second] = [blobOf(1), blobOf(16 * 1024)];
		const receipt = must(await here.leave(first));
		expect(receipt.expiresSeconds).toBe(here.clock.unixSeconds() + daySeconds);
		here.clock.advance(2_000);
		await here.leave(second);
		const { items } = must(await here.inbox.list());
		expect(items.map(({ bytes }) => bytes)).toEqual([1, 16 * 1024]);
		expect(items[0]).toEqual({
			...receipt,
			bytes: 1,
			receivedSeconds: here.clock.unixSeconds() - 2
		});
		const [a, b] = items.map(({ id }) => id) as [Uint8Array, Uint8Array];
		expect(must(await here.inbox.fetch(a))).toEqual(first);
		expect(must(await here.inbox.fetch(b))).toEqual(second);
		expect(await metric(here.relay, 'inbox_bytes')).toBe(16 * 1024 + 1);
		expect(must(await here.inbox.delete(a))).toBe(true);
		expect(must(await here.inbox.delete(a))).toBe(false);
		expect(must(await here.inbox.fetch(a))).toBeNull();
		expect(await idsIn(here.inbox)).toEqual([toBase64url(b)]);
		expect(await metric(here.relay, 'inbox_items')).toBe(1);
		expect(await metric(here.relay, 'inbox_requests_total', { action: 'leave', status: '201' })).toBe(2);
	});

	it('has one item of the same bytes left twice, so that an answer that was lost does no harm', async () => {
		const here = await scene();
		const blob = blobOf();
		const receipt = must(await here.leave(blob, 500));
		expect(must(await here.leave(blob, 900))).toEqual(receipt);
		expect(await idsIn(here.inbox)).toHaveLength(1);
	});

	it('keeps nothing longer than was asked for, nor than 14 days, and says so', async () => {
		const here = await scene();
		const short = must(await here.leave(blobOf(), 100));
		const long = must(await here.leave(blobOf(), 400 * daySeconds));
		expect(long.expiresSeconds).toBe(here.clock.unixSeconds() + 14 * daySeconds);
		here.clock.advance(99_000);
		expect(await idsIn(here.inbox)).toHaveLength(2);
		here.clock.advance(1_000);
		expect(await idsIn(here.inbox)).toEqual([toBase64url(long.id)]);
		expect(must(await here.inbox.fetch(short.id))).toBeNull();
		expect(await metric(here.relay, 'inbox_items')).toBe(2);
		here.clock.advance(60_000);
		await eventually(async () => expect(await metric(here.relay, 'inbox_expired_total')).toBe(1));
		expect(await metric(here.relay, 'inbox_items')).toBe(1);
		expect(await metric(here.relay, 'inbox_bytes')).toBe(200);
	});

	it('is another one for each owner, and empty for who has none', async () => {
		const here = await scene();
		await here.leave(blobOf());
		const stranger = new OwnInbox(depsAt(here.relay), await crypto.generateSigningKeys());
		expect(await idsIn(stranger)).toEqual([]);
		expect(await idsIn(here.inbox)).toHaveLength(1);
	});

	it('answers pages of other origins', async () => {
		const here = await scene();
		const address = `${here.relay.url}/inbox/${toBase64url(here.inbox.topic)}`;
		const preflight = await fetch(address, { method: 'OPTIONS' });
		expect(preflight.status).toBe(204);
		expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
		expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
		expect((await fetch(address)).headers.get('access-control-expose-headers')).toContain(inboxNonceHeader);
	});
});

describe('an owner who waits', () => {
	it('hears of a new item at once', async () => {
		const here = await scene();
		const empty = must(await here.inbox.list());
		const news = here.inbox.list(empty, 25);
		await eventually(async () =>
			expect(await metric(here.relay, 'inbox_requests_total', { action: 'list', status: '200' })).toBe(1)
		);
		const receipt = must(await here.leave(blobOf()));
		expect(must(await news).items.map(({ id }) => id)).toEqual([receipt.id]);
	});

	it('hears when the time is over that nothing has come, and may go on with that answer', async () => {
		const here = await scene();
		const empty = must(await here.inbox.list());
		let isOver = false;
		const news = here.inbox.list(empty, 25).finally(() => (isOver = true));
		// Time stands still but for here; the relay has to have begun to wait.
		await eventually(async () => {
			here.clock.advance(1_000);
			await Promise.resolve();
			expect(isOver).toBe(true);
		});
		expect(must(await news)).toBe(empty);
		const again = here.inbox.list(empty, 25);
		await here.leave(blobOf());
		expect(must(await again).items).toHaveLength(1);
	});

	it('does not wait where the inbox is not as they know it', async () => {
		const here = await scene();
		const empty = must(await here.inbox.list());
		await here.leave(blobOf());
		expect(must(await here.inbox.list(empty, 25)).items).toHaveLength(1);
	});

	it('who hangs up is forgotten, and a relay that ends does not wait for them', async () => {
		const here = await scene({ inboxRequestsPerAddress: 1 });
		const empty = must(await here.inbox.list());
		const controller = new AbortController();
		const news = here.inbox.list(empty, 25, controller.signal);
		controller.abort();
		expect(await news).toEqual({ ok: false, reason: 'unreachable' });
		await eventually(async () => expect((await here.inbox.list()).ok).toBe(true));
		const other = here.inbox.list(empty, 25);
		await here.relay.close();
		expect(await other).toEqual({ ok: false, reason: 'unreachable' });
	});
});

describe('the owner’s requests', () => {
	interface Attempt {
		readonly request: InboxRequest;
		readonly keys: SigningKeys;
		readonly nonce: Uint8Array;
		readonly host: string;
	}

	/** Asks for the list with something changed. @returns status and reason */
	async function attempt(here: Scene, change: (sound: Attempt) => Partial<Attempt>): Promise<string> {
		const address = `${here.relay.url}/inbox/${toBase64url(here.inbox.topic)}`;
		const sound: Attempt = {
			request: { action: 'list', topic: here.inbox.topic, item: null },
			keys: here.owner,
			nonce: await freshNonce(address),
			host: new URL(here.relay.url).host
		};
		const { keys, request, nonce, host } = { ...sound, ...change(sound) };
		const authorization = await authorizeInboxRequest(subtle, keys, request, nonce, host);
		const response = await fetch(address, { headers: { authorization } });
		const reason = response.ok ? '' : ` ${((await response.json()) as { error: string }).error}`;
		return `${response.status}${reason}`;
	}

	it('are taken as signed by the owner', async () => {
		const here = await scene();
		expect(await attempt(here, () => ({}))).toBe('200');
	});

	it('are refused with 401 if anything about them is wrong, and counted', async () => {
		const here = await scene({ ticketHosts: 'relay.example' });
		const stranger = await crypto.generateSigningKeys();
		const host = 'relay.example';
		const cases: readonly (readonly [string, (sound: Attempt) => Partial<Attempt>])[] = [
			['signature', () => ({ host, keys: stranger })],
			['signature', () => ({ host, keys: { ...stranger, publicKey: here.owner.publicKey } })],
			['signature', ({ request }) => ({ host, request: { ...request, action: 'delete' } })],
			['signature', ({ request }) => ({ host, request: { ...request, topic: blobOf(32) } })],
			['signature', ({ request }) => ({ host, request: { ...request, item: blobOf(16) } })],
			['nonce-forged', () => ({ host, nonce: blobOf(40) })],
			['host', () => ({ host: 'evil.example' })]
		];
		for (const [reason, change] of cases) expect(await attempt(here, change)).toBe(`401 ${reason}`);
		expect(await metric(here.relay, 'rejected_total', { kind: 'inbox' })).toBe(cases.length);
		expect(await attempt(here, () => ({ host }))).toBe('200');
	});

	it('are refused if the header is not one', async () => {
		const here = await scene();
		const address = `${here.relay.url}/inbox/${toBase64url(here.inbox.topic)}`;
		for (const authorization of ['Bearer x', 'Skein', 'Skein x', `Skein ${'A'.repeat(300)}`, 'Skein !!!']) {
			const response = await fetch(address, { headers: { authorization } });
			expect([response.status, await response.json()]).toEqual([401, { error: 'authorization' }]);
		}
	});

	it('are good once, even side by side, and not for ever', async () => {
		const here = await scene();
		const address = `${here.relay.url}/inbox/${toBase64url(here.inbox.topic)}`;
		const nonce = await freshNonce(address);
		const request = { action: 'list', topic: here.inbox.topic, item: null } as const;
		const host = new URL(here.relay.url).host;
		const authorization = await authorizeInboxRequest(subtle, here.owner, request, nonce, host);
		const once = async (): Promise<number> => (await fetch(address, { headers: { authorization } })).status;
		const statuses = await Promise.all(Array.from({ length: 8 }, once));
		expect(statuses.sort()).toEqual([200, ...Array.from({ length: 7 }, () => 401)]);
		expect(await metric(here.relay, 'rejected_total', { reason: 'nonce-used' })).toBe(7);
		const old = await freshNonce(address);
		const late = await authorizeInboxRequest(subtle, here.owner, request, old, host);
		here.clock.advance(90_000);
		expect((await fetch(address, { headers: { authorization: late } })).status).toBe(401);
		expect(await metric(here.relay, 'rejected_total', { reason: 'nonce-expired' })).toBe(1);
		// The used one is forgotten by now, and no better for it.
		expect(await once()).toBe(401);
		expect((await here.inbox.list()).ok).toBe(true);
	});

	it('go on after the relay has ended and come back, which knows none of its nonces', async () => {
		const here = await scene();
		await here.leave(blobOf());
		expect(await idsIn(here.inbox)).toHaveLength(1);
		await here.relay.close();
		const again = await startTestRelay({
			settings: { port: here.relay.port },
			folder: here.folder,
			clock: here.clock
		});
		expect(again.port).toBe(here.relay.port);
		expect(await idsIn(here.inbox)).toHaveLength(1);
	});
});

describe('who leaves things', () => {
	it('is told what is wrong with them', async () => {
		const here = await scene();
		const address = `${here.relay.url}/inbox/${toBase64url(here.inbox.topic)}`;
		const post = async (
			path: string,
			body: Uint8Array<ArrayBuffer> | null,
			method = 'POST'
		): Promise<string> => {
			const response = await fetch(path, { method, body });
			const { error } = (await response.json()) as { error: string };
			return `${response.status} ${error}`;
		};
		const body = new Uint8Array(10);
		expect(await post(address, null)).toBe('400 empty');
		expect(await post(address, new Uint8Array(16 * 1024 + 1))).toBe('413 too-large');
		expect(await post(`${address}?seconds=x`, body)).toBe('400 seconds');
		expect(await post(`${address}?seconds=-1`, body)).toBe('400 seconds');
		expect(await post(`${address}?seconds=0`, body)).toBe('400 seconds');
		expect(await post(address, body, 'PUT')).toBe('405 method-not-allowed');
		expect(await post(`${address}/${toBase64url(blobOf(16))}`, body)).toBe('405 method-not-allowed');
		for (const name of ['x', toBase64url(blobOf(31)), toBase64url(blobOf(33)), '%00', '..%2f'])
			expect(await post(`${here.relay.url}/inbox/${name}`, body)).toBe('404 not-found');
		expect(await idsIn(here.inbox)).toEqual([]);
		expect(await leaveInInbox(here.inbox.deps, here.inbox.topic, blobOf(16 * 1024 + 1), 9)).toEqual({
			ok: false,
			reason: 'too-large'
		});
	});

	it('cannot send a body without end', async () => {
		const here = await scene();
		const address = `${here.relay.url}/inbox/${toBase64url(here.inbox.topic)}`;
		let sent = 0;
		const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
			pull(controller) {
				sent += 1024;
				controller.enqueue(new Uint8Array(1024));
			}
		});
		const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
		// Whether the client sees the answer or only that the connection is gone is a matter of timing.
		const status = await fetch(address, init).then(
			(response) => response.status,
			() => 413
		);
		expect(status).toBe(413);
		expect(sent).toBeLessThan(16 * 1024 * 1024);
		expect(await idsIn(here.inbox)).toEqual([]);
		expect((await fetch(`${here.relay.url}/health`)).status).toBe(200);
	});

	it('fills an inbox up to its limit and takes nothing from it, from however many addresses at once', async () => {
		const here = await scene();
		const precious = must(await here.leave(blobOf(), daySeconds, '10.7.7.7'));
		const flood = await Promise.all(
			Array.from({ length: 150 }, (_, i) => here.leave(blobOf(), daySeconds, `10.0.1.${i % 10}`))
		);
		expect(flood.filter(({ ok }) => ok)).toHaveLength(63);
		const reasons = new Set(flood.map((result) => (result.ok ? 'ok' : result.reason)));
		expect([...reasons].every((reason) => ['ok', 'inbox-full', 'inbox-share'].includes(reason))).toBe(true);
		expect(await here.leave(blobOf(), daySeconds, '10.8.8.8')).toEqual({ ok: false, reason: 'inbox-full' });
		const { items } = must(await here.inbox.list());
		expect(items).toHaveLength(64);
		expect(items.some(({ id }) => toBase64url(id) === toBase64url(precious.id))).toBe(true);
		// Reading makes room.
		expect(must(await here.inbox.delete(items[5]?.id ?? blobOf(16)))).toBe(true);
		expect((await here.leave(blobOf(), daySeconds, '10.8.8.8')).ok).toBe(true);
	});

	it('has a share of an inbox, which leaves room for others', async () => {
		const here = await scene();
		for (let i = 0; i < 16; i++) expect((await here.leave(blobOf())).ok).toBe(true);
		expect(await here.leave(blobOf())).toEqual({ ok: false, reason: 'inbox-share' });
		expect((await here.leave(blobOf(), daySeconds, '10.0.0.2')).ok).toBe(true);
		const other = new OwnInbox(depsAt(here.relay), await crypto.generateSigningKeys());
		expect((await leaveInInbox(depsAt(here.relay), other.topic, blobOf(), 60)).ok).toBe(true);
	});

	it('is held to bytes of an inbox and of all of them', async () => {
		const here = await scene({ inboxBytes: 1_000, inboxTotalBytes: 1_500 });
		expect((await here.leave(blobOf(900))).ok).toBe(true);
		expect(await here.leave(blobOf(101))).toEqual({ ok: false, reason: 'inbox-full' });
		const other = new OwnInbox(depsAt(here.relay), await crypto.generateSigningKeys());
		const there = (bytes: number): ReturnType<typeof leaveInInbox> =>
			leaveInInbox(depsAt(here.relay), other.topic, blobOf(bytes), 60);
		expect(await there(601)).toEqual({ ok: false, reason: 'relay-full' });
		expect((await there(600)).ok).toBe(true);
		// What has expired counts no longer once it is swept.
		here.clock.advance(120_000);
		await eventually(async () => expect((await there(600)).ok).toBe(true));
	});

	it('is slowed down by address, and the others are not', async () => {
		const here = await scene({ inboxPostsBurst: 3, inboxPostsPerHour: 3600 });
		for (let i = 0; i < 3; i++) expect((await here.leave(blobOf())).ok).toBe(true);
		expect(await here.leave(blobOf())).toEqual({ ok: false, reason: 'too-fast' });
		expect((await here.leave(blobOf(), 60, '10.0.0.2')).ok).toBe(true);
		here.clock.advance(1_000);
		expect((await here.leave(blobOf())).ok).toBe(true);
	});

	it('cannot keep owners out by asking as if they were some', async () => {
		const here = await scene({ inboxRequestsPerMinute: 5 });
		const address = `${here.relay.url}/inbox/${toBase64url(here.inbox.topic)}`;
		const statuses: number[] = [];
		for (let i = 0; i < 7; i++)
			statuses.push((await fetch(address, { headers: { 'x-forwarded-for': '10.6.6.6' } })).status);
		expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
		expect((await here.inbox.list()).ok).toBe(true);
	});
});

describe('the client', () => {
	const answering = (response: Response | Error): InboxDeps => ({
		subtle,
		url: 'https://relay.example/inbox',
		fetch: async () => {
			if (response instanceof Error) throw response;
			return response.clone();
		}
	});
	const cases: readonly (readonly [string, Response | Error, string, string])[] = [
		['no network', new TypeError('failed'), 'unreachable', 'unreachable'],
		['a proxy’s page', new Response('<h1>Bad gateway</h1>', { status: 502 }), 'relay-error', 'relay-error'],
		['nonsense', new Response(new Uint8Array([1, 2, 3])), 'relay-nonsense', 'relay-nonsense'],
		['an endless 401', new Response('{}', { status: 401 }), 'relay-error', 'not-allowed'],
		['a limit', new Response('{"error":"too-fast"}', { status: 429 }), 'too-fast', 'too-fast']
	];
	it.each(cases)('has a word for %s', async (_, response, forLeaving, forOwners) => {
		const owner = new OwnInbox(answering(response), await crypto.generateSigningKeys());
		expect(await leaveInInbox(owner.deps, owner.topic, blobOf(), 60)).toEqual({
			ok: false,
			reason: forLeaving
		});
		expect(await owner.list()).toEqual({ ok: false, reason: forOwners });
	});

	it('never has to be refused first: browsers write every 401 into the console', async () => {
		const here = await scene();
		const statuses: number[] = [];
		const watched: InboxDeps = {
			...here.inbox.deps,
			fetch: async (...request) => {
				const response = await here.inbox.deps.fetch(...request);
				statuses.push(response.status);
				return response;
			}
		};
		const inbox = new OwnInbox(watched, here.owner);
		must(await here.leave(blobOf()));
		for (const { id } of must(await inbox.list()).items) {
			must(await inbox.fetch(id));
			must(await inbox.delete(id));
		}
		expect(statuses).toEqual([204, 200, 200, 204]);
		expect((await fetch(`${here.relay.url}/inbox/${toBase64url(inbox.topic)}`)).status).toBe(401);
	});

	it('does not take other bytes for an item', async () => {
		const owner = new OwnInbox(answering(new Response(blobOf())), await crypto.generateSigningKeys());
		const id = inboxItemIdOf(owner.topic, blobOf());
		expect(await owner.fetch(id)).toEqual({ ok: false, reason: 'relay-nonsense' });
	});
});

describe('the storage of inboxes', () => {
	const limits = { inboxItems: 64, inboxBytes: 1e6, inboxItemsPerSender: 64, inboxTotalBytes: 1e9 };

	it('keeps everything over a restart, neighbours apart, and sweeps in portions', async () => {
		const folder = newFolder();
		const first = new LmdbInboxStorage(folder);
		const topic = inboxTopicOf(blobOf(32));
		const neighbour = topic.slice();
		neighbour[31] = ((neighbour[31] ?? 0) + 1) % 256;
		for (let i = 0; i < 10; i++) {
			const blob = Uint8Array.of(i);
			const item = { id: inboxItemIdOf(topic, blob), sender: new Uint8Array(8), blob };
			await first.put(topic, { ...item, receivedSeconds: 100 + i, expiresSeconds: 200 + i }, limits);
		}
		expect(first.totals).toEqual({ items: 10, bytes: 10 });
		await first.close();
		const second = new LmdbInboxStorage(folder);
		expect(second.list(topic, 150).map(({ receivedSeconds }) => receivedSeconds)).toEqual(
			Array.from({ length: 10 }, (_, i) => 100 + i)
		);
		expect(second.list(neighbour, 150)).toEqual([]);
		expect(await second.sweep(199, 100)).toBe(0);
		expect(await second.sweep(204, 3)).toBe(3);
		expect(await second.sweep(204, 3)).toBe(2);
		expect(second.totals).toEqual({ items: 5, bytes: 5 });
		expect(second.list(topic, 204)).toHaveLength(5);
		await second.close();
	});
});
