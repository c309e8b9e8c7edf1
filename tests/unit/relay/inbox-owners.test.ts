/** What an owner asks of their inbox, and how that is proved; the client that asks it. */
import { describe, expect, it } from 'vitest';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { SigningKeys } from '../../../src/lib/protocol/crypto';
import { authorizeInboxRequest, inboxItemIdOf, type InboxRequest } from '../../../src/lib/protocol/inbox';
import { leaveInInbox, OwnInbox, type InboxDeps } from '../../../src/lib/replicas/inbox';
import { must } from '../../must';
import { blobOf, freshNonce, idsIn, scene, type Scene } from './inbox-scene';
import { crypto } from './lane-writer';
import { metric, startTestRelay } from './test-relay';

const { subtle } = crypto;

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
