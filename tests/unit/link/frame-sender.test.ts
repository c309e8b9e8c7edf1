import { describe, expect, it } from 'vitest';
import { Reassembly } from '../../../src/lib/link/frame';
import { FrameSender, type SendPort } from '../../../src/lib/link/frame-sender';
import {
	frameLimitBytes,
	highWaterBytes,
	messageLimitBytes,
	queueLimitBytes
} from '../../../src/lib/link/limits';

/** A channel whose buffer drains only when told to. */
class ManualPort implements SendPort {
	readyState: RTCDataChannelState = 'open';
	bufferedAmount = 0;
	bufferedAmountLowThreshold = 0;
	onbufferedamountlow: SendPort['onbufferedamountlow'] = null;
	readonly frames: Uint8Array[] = [];

	send(frame: Uint8Array): void {
		this.frames.push(frame);
		this.bufferedAmount += frame.length;
	}

	drain(sender: FrameSender): void {
		this.bufferedAmount = 0;
		sender.pump();
	}

	messages(): Uint8Array[] {
		const reassembly = new Reassembly(messageLimitBytes);
		return this.frames.flatMap((frame) => {
			const taken = reassembly.take(frame);
			if (!taken.ok) throw new Error(taken.reason);
			return taken.value ?? [];
		});
	}
}

describe('frame sender', () => {
	it('fills the buffer to the high water mark and no further', () => {
		const port = new ManualPort();
		const sender = new FrameSender(port);
		const message = new Uint8Array(2_000_000).map((_, index) => index);
		expect(sender.send(message)).toBe(true);
		for (let drains = 0; port.messages().length === 0; drains++) {
			expect(port.bufferedAmount).toBeLessThan(highWaterBytes + frameLimitBytes);
			expect(drains).toBeLessThan(20);
			port.drain(sender);
		}
		expect(Buffer.compare(port.messages()[0] ?? new Uint8Array(0), message)).toBe(0);
		expect(sender.queuedBytes).toBe(port.bufferedAmount);
	});

	it('keeps the order, and says when nothing waits any more', () => {
		const port = new ManualPort();
		port.readyState = 'connecting';
		const sender = new FrameSender(port);
		let drained = 0;
		sender.onDrained = () => drained++;
		sender.send(Uint8Array.of(1));
		sender.send(Uint8Array.of(2, 2));
		expect([port.frames.length, sender.queuedBytes, drained]).toEqual([0, 3, 0]);
		port.readyState = 'open';
		sender.pump();
		expect(port.messages()).toEqual([Uint8Array.of(1), Uint8Array.of(2, 2)]);
		expect(drained).toBe(1);
	});

	it('waits for the receiver when its window is used up', () => {
		const port = new ManualPort();
		const window = { remainingBytes: frameLimitBytes };
		const sender = new FrameSender(port, window);
		sender.send(new Uint8Array(40_000));
		expect(port.frames).toHaveLength(1);
		window.remainingBytes += 2 * frameLimitBytes;
		sender.pump();
		expect(port.messages()).toHaveLength(1);
	});

	it('refuses what would overfill its queue, and queues nothing of it', () => {
		const port = new ManualPort();
		port.readyState = 'connecting';
		const sender = new FrameSender(port);
		const large = new Uint8Array(messageLimitBytes);
		for (let count = 0; count < queueLimitBytes / messageLimitBytes; count++)
			expect(sender.send(large)).toBe(true);
		expect(sender.send(Uint8Array.of(1))).toBe(false);
		expect(sender.queuedBytes).toBe(queueLimitBytes);
	});

	it('throws for a message that no peer would take', () => {
		const sender = new FrameSender(new ManualPort());
		expect(() => sender.send(new Uint8Array(0))).toThrow(RangeError);
		expect(() => sender.send(new Uint8Array(messageLimitBytes + 1))).toThrow(RangeError);
	});

	it('takes nothing once closed', () => {
		const sender = new FrameSender(new ManualPort());
		sender.close();
		expect(sender.send(Uint8Array.of(1))).toBe(false);
	});
});
