/** Bytes for decoders: sound ones, sound ones with something wrong, and noise. */
import type { SeededRandom } from './seeded-random';

const interesting = [0, 1, 0x21, 0x23, 0x7f, 0x80, 0xff, 0xfe, 0x40];
const longestNoiseBytes = 400;

/** Changes a few things: bits, bytes, lengths; sometimes nothing. */
export function mutated(random: SeededRandom, sound: Uint8Array, other: Uint8Array): Uint8Array {
	let bytes = sound.slice();
	for (let i = random.below(4); i > 0; i--) bytes = mutatedOnce(random, bytes, other);
	return bytes;
}

function mutatedOnce(
	random: SeededRandom,
	bytes: Uint8Array<ArrayBuffer>,
	other: Uint8Array
): Uint8Array<ArrayBuffer> {
	const at = random.below(bytes.length + 1);
	switch (random.below(7)) {
		case 0:
			if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
			return bytes;
		case 1:
			if (at < bytes.length) bytes[at] = random.pick(interesting);
			return bytes;
		case 2:
			return bytes.slice(0, at);
		case 3:
			return spliced(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at));
		case 4:
			return spliced(bytes.subarray(0, at), bytes.subarray(at + random.below(16)));
		case 5: {
			const from = random.below(other.length + 1);
			return spliced(
				bytes.subarray(0, at),
				other.subarray(from, from + random.below(64)),
				bytes.subarray(at)
			);
		}
		default:
			// A number of nine bytes where a small one stood: counts and lengths are not to be believed.
			return spliced(
				bytes.subarray(0, at),
				Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 15),
				bytes.subarray(at + 1)
			);
	}
}

export function noise(random: SeededRandom): Uint8Array {
	const bytes = random.bytes(random.below(longestNoiseBytes));
	// Small numbers get further into a decoder than large ones.
	if (random.chance(0.5))
		for (let i = 0; i < bytes.length; i++) if (random.chance(0.6)) bytes[i] = bytes[i]! & 3;
	return bytes;
}

function spliced(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
