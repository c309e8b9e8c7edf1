/** Who leaves things in an inbox: what they are told, what floods can do. */
import { describe, expect, it } from 'vitest';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { leaveInInbox, OwnInbox } from '../../../src/lib/replicas/inbox';
import { must } from '../../must';
import { blobOf, daySeconds, depsAt, idsIn, scene } from './inbox-scene';
import { crypto } from './lane-writer';
import { eventually } from './test-relay';

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
