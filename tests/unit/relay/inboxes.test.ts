/** Inboxes: what is kept for whom and how long, who is told, what survives. */
import { describe, expect, it } from 'vitest';
import { LmdbInboxStorage } from '../../../relay/lmdb-inbox-storage';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { inboxItemIdOf, inboxNonceHeader, inboxTopicOf } from '../../../src/lib/protocol/inbox';
import { OwnInbox } from '../../../src/lib/replicas/inbox';
import { must } from '../../must';
import { blobOf, daySeconds, depsAt, idsIn, scene } from './inbox-scene';
import { crypto } from './lane-writer';
import { eventually, metric, newFolder } from './test-relay';

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
