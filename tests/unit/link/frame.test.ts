import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reassembly, fragmentBytes, frameAt, wireBytes } from '../../../src/lib/link/frame';
import { frameLimitBytes } from '../../../src/lib/link/limits';

const limitBytes = 100_000;

function framesOf(message: Uint8Array): Uint8Array[] {
	const frames: Uint8Array[] = [];
	for (let offset = 0; offset < message.length; offset += fragmentBytes)
		frames.push(frameAt(message, offset));
	return frames;
}

describe('frames', () => {
	it('carry a message of any length, within 16 KiB each', () => {
		const lengths = fc.oneof(
			fc.integer({ min: 1, max: limitBytes }),
			fc.constantFrom(1, 16_382, 16_383, 16_384, 32_766, 32_767)
		);
		fc.assert(
			fc.property(lengths, fc.integer(), (length, seed) => {
				const message = Uint8Array.from({ length }, (_, index) => index * 31 + seed);
				const reassembly = new Reassembly(limitBytes);
				const frames = framesOf(message);
				expect(frames.every((frame) => frame.length <= frameLimitBytes)).toBe(true);
				expect(frames.reduce((sum, frame) => sum + frame.length, 0)).toBe(wireBytes(length));
				frames.forEach((frame, index) => {
					const taken = reassembly.take(frame);
					if (!taken.ok) throw new Error(taken.reason);
					if (index < frames.length - 1) expect(taken.value).toBeNull();
					else expect(Buffer.compare(taken.value ?? new Uint8Array(0), message)).toBe(0);
				});
				expect(reassembly.unfinished).toBe(false);
			}),
			{ numRuns: 60 }
		);
	});

	it.each([
		['nothing', new Uint8Array(0)],
		['no payload', Uint8Array.of(1)],
		['an unknown header', Uint8Array.of(2, 1)],
		['too much payload', new Uint8Array(frameLimitBytes + 1).fill(1)],
		['a short fragment that is not the last', Uint8Array.of(0, 1, 2)]
	])('are refused with %s', (_, frame) => {
		expect(new Reassembly(limitBytes).take(frame)).toEqual({ ok: false, reason: 'frame-malformed' });
	});

	it('are refused as soon as a message grows too long', () => {
		const reassembly = new Reassembly(2 * fragmentBytes);
		const full = new Uint8Array(frameLimitBytes);
		expect(reassembly.take(full).ok).toBe(true);
		expect(reassembly.take(full).ok).toBe(true);
		expect(reassembly.take(Uint8Array.of(1, 1))).toEqual({ ok: false, reason: 'message-too-long' });
	});
});
