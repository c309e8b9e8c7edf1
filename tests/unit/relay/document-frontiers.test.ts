import { describe, expect, it } from 'vitest';
import { LaneWriter, newSegment } from './lane-writer';
import {
	eventually,
	DocumentClient,
	frontierFrame,
	metric,
	newFolder,
	startTestRelay,
	updateFrame
} from './test-relay';

describe('frontiers', () => {
	it('go to the others at once and to newcomers later, newest only, also after a restart', async () => {
		const folder = newFolder();
		const relay = await startTestRelay({ folder });
		const segment = await newSegment();
		const [anna, ben] = [await LaneWriter.create(segment), await LaneWriter.create(segment)];
		const [a, b] = [await DocumentClient.open(relay, segment), await DocumentClient.open(relay, segment)];
		await a.synchronise();
		await b.synchronise();
		a.socket.send(updateFrame(await anna.write(2), await ben.write(1)));
		const [first, second, bens] = [await anna.frontier(10), await anna.frontier(11), await ben.frontier(3)];
		a.socket.send(frontierFrame(first));
		expect((await b.nextOf('frontier')).bytes).toEqual(first);
		a.socket.send(frontierFrame(second));
		expect((await b.nextOf('frontier')).bytes).toEqual(second);
		a.socket.send(frontierFrame(first));
		b.socket.send(frontierFrame(bens));
		expect((await a.nextOf('frontier')).bytes).toEqual(bens);
		expect(await metric(relay, 'rejected_total', { reason: 'frontier-stale' })).toBe(1);

		const newest = new Set([second, bens].map((bytes) => bytes.join()));
		for (const restart of [false, true]) {
			const at = restart ? await restarted(relay, folder) : relay;
			const late = await DocumentClient.open(at, segment);
			await late.synchronise();
			const got = [await late.nextOf('frontier'), await late.nextOf('frontier')];
			expect(new Set(got.map(({ bytes }) => bytes.join()))).toEqual(newest);
		}
	});

	it('of an unknown lane are dropped; with a forged signature they are violations', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const [anna, stranger] = [await LaneWriter.create(segment), await LaneWriter.create(segment)];
		const [a, b] = [await DocumentClient.open(relay, segment), await DocumentClient.open(relay, segment)];
		await a.synchronise();
		await b.synchronise();
		a.socket.send(updateFrame(await anna.write(1)));
		a.socket.send(frontierFrame(await stranger.frontier()));
		const forged = await anna.frontier();
		forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
		for (let i = 0; i < 5; i++) a.socket.send(frontierFrame(forged));
		expect((await a.socket.closed).code).toBe(4400);
		expect(await metric(relay, 'rejected_total', { reason: 'frontier-lane' })).toBe(1);
		expect(await metric(relay, 'rejected_total', { reason: 'frontier-signature' })).toBe(5);
		const sound = await anna.frontier();
		const c = await DocumentClient.open(relay, segment);
		c.socket.send(frontierFrame(sound));
		expect((await b.nextOf('frontier')).bytes).toEqual(sound);
	});

	it('count against the quota', async () => {
		const relay = await startTestRelay({ settings: { documentBytes: 700 } });
		const segment = await newSegment();
		const anna = await LaneWriter.create(segment);
		const a = await DocumentClient.open(relay, segment);
		await a.synchronise();
		a.socket.send(updateFrame(await anna.write(1)));
		await a.nextOf('acknowledgement');
		a.socket.send(frontierFrame(await anna.frontier()));
		a.socket.send(frontierFrame(await anna.frontier()));
		a.socket.send(updateFrame(await anna.write(1)));
		await eventually(async () => {
			expect(await metric(relay, 'rejected_total', { reason: 'quota-bytes' })).toBe(1);
		});
	});
});

async function restarted(relay: Awaited<ReturnType<typeof startTestRelay>>, folder: string) {
	await relay.close();
	return startTestRelay({ folder });
}
