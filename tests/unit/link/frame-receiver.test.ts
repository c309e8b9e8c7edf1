import { describe, expect, it } from 'vitest';
import { fragmentBytes, frameAt } from '../../../src/lib/link/frame';
import { FrameReceiver, type FrameReceiverOptions } from '../../../src/lib/link/frame-receiver';
import { windowReportBytes } from '../../../src/lib/link/limits';
import { ManualTimers } from './manual-timers';

function receiverWith(options: Partial<FrameReceiverOptions> = {}) {
	const seen = {
		handled: [] as Uint8Array[],
		reported: [] as number[],
		refused: [] as string[],
		broken: [] as unknown[]
	};
	const timers = new ManualTimers();
	const receiver = new FrameReceiver({
		messageLimitBytes: 4_000_000,
		windowBytes: 4_000_000,
		unfinishedMs: 10_000,
		timers,
		handle: async (message) => void seen.handled.push(message),
		report: (bytes) => seen.reported.push(bytes),
		refuse: (reason) => seen.refused.push(reason),
		broken: (error) => seen.broken.push(error),
		...options
	});
	const take = (message: Uint8Array): void => {
		for (let offset = 0; offset < message.length; offset += fragmentBytes)
			receiver.take(frameAt(message, offset).buffer);
	};
	return { receiver, timers, seen, take };
}

/** Lets all pending promise callbacks run. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('frame receiver', () => {
	it('hands on one message at a time, in order', async () => {
		const events: string[] = [];
		const releases: (() => void)[] = [];
		const { take } = receiverWith({
			async handle(message) {
				events.push(`begin ${message[0]}`);
				await new Promise<void>((release) => releases.push(release));
				events.push(`end ${message[0]}`);
			}
		});
		take(Uint8Array.of(1));
		take(Uint8Array.of(2));
		await settled();
		expect(events).toEqual(['begin 1']);
		releases.shift()?.();
		await settled();
		expect(events).toEqual(['begin 1', 'end 1', 'begin 2']);
	});

	it('reports what it has processed, so that the peer may send as much again', async () => {
		const { take, seen } = receiverWith();
		take(new Uint8Array(windowReportBytes - 1_000));
		await settled();
		expect(seen.reported).toEqual([]);
		take(new Uint8Array(1_000));
		await settled();
		expect(seen.reported).toHaveLength(1);
		expect(seen.reported[0]).toBeGreaterThanOrEqual(windowReportBytes);
	});

	it('refuses a peer that sends more than its window while we are at work', async () => {
		const { take, seen } = receiverWith({ windowBytes: 50_000, handle: () => new Promise(() => undefined) });
		for (let count = 0; count < 5; count++) take(new Uint8Array(10_000));
		expect(seen.refused).toEqual(['window-exceeded']);
	});

	it('refuses a message that is never finished, but not a slow one', () => {
		const { receiver, timers, seen } = receiverWith();
		const message = new Uint8Array(3 * fragmentBytes);
		for (const part of [0, 1]) {
			receiver.take(frameAt(message, part * fragmentBytes).buffer);
			timers.pass(9_000);
		}
		expect(seen.refused).toEqual([]);
		timers.pass(1_001);
		expect(seen.refused).toEqual(['message-unfinished']);
	});

	it('refuses text, once, and takes nothing afterwards', async () => {
		const { receiver, take, seen } = receiverWith();
		receiver.take('text');
		receiver.take('text');
		take(Uint8Array.of(1));
		await settled();
		expect(seen).toEqual({ handled: [], reported: [], refused: ['frame-malformed'], broken: [] });
	});

	it('stops at a handler that throws, and says so', async () => {
		const bug = new Error('bug');
		const { take, seen } = receiverWith({ handle: () => Promise.reject(bug) });
		take(Uint8Array.of(1));
		take(Uint8Array.of(2));
		await settled();
		expect(seen.broken).toEqual([bug]);
	});

	it('leaves no timer behind', () => {
		const { receiver, timers } = receiverWith();
		receiver.take(frameAt(new Uint8Array(2 * fragmentBytes), 0).buffer);
		expect(timers.waiting).toBe(1);
		receiver.close();
		expect(timers.waiting).toBe(0);
	});
});
