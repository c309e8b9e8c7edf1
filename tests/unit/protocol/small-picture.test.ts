import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pictureLimitBytes, pixelsOfWebp, readSmallPicture } from '../../../src/lib/protocol/small-picture';

const letters = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const u16 = (n: number): number[] => [n & 255, n >> 8];
const u16be = (n: number): number[] => [n >> 8, n & 255];
const padded = (bytes: readonly number[]): Uint8Array =>
	Uint8Array.from([...bytes, ...new Array(40).fill(0)]);

const riff = [...letters('RIFF'), 0, 0, 0, 0, ...letters('WEBP')];
const lossy = (width: number, height: number): Uint8Array =>
	padded([...riff, ...letters('VP8 '), 0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, ...u16(width), ...u16(height)]);
const lossless = (width: number, height: number): Uint8Array => {
	const bits = (width - 1) | ((height - 1) << 14);
	return padded([...riff, ...letters('VP8L'), 0, 0, 0, 0, 0x2f, ...u16(bits & 0xffff), ...u16(bits >>> 16)]);
};
const jpeg = (width: number, height: number): Uint8Array =>
	padded([
		0xff,
		0xd8,
		0xff,
		0xe0,
		0,
		4,
		1,
		2,
		0xff,
		0xdb,
		0,
		3,
		9,
		0xff,
		0xc0,
		0,
		11,
		8,
		...u16be(height),
		...u16be(width)
	]);

describe('a small picture', () => {
	it.each([
		['lossy WebP', lossy(160, 120), 'image/webp'],
		['lossless WebP', lossless(160, 120), 'image/webp'],
		['JPEG', jpeg(160, 120), 'image/jpeg']
	])('is known by its first bytes: %s', (_, bytes, type) => {
		expect(readSmallPicture(bytes)).toEqual({ ok: true, value: { type, width: 160, height: 120 } });
	});

	it.each([
		['too many pixels, WebP', lossy(16_383, 2), 'picture-pixels'],
		['too many pixels, lossless', lossless(2, 16_384), 'picture-pixels'],
		['too many pixels, JPEG', jpeg(65_535, 65_535), 'picture-pixels'],
		['no pixels', jpeg(0, 5), 'picture-pixels'],
		[
			'HTML',
			Uint8Array.from(letters('<!doctype html><script>alert(1)</script><p>and more of it')),
			'picture-kind'
		],
		['SVG', Uint8Array.from(letters('<svg xmlns="http://www.w3.org/2000/svg"></svg>')), 'picture-kind'],
		['a WebP of parts', padded([...riff, ...letters('VP8X'), 10, 0, 0, 0]), 'picture-kind'],
		['nothing', new Uint8Array(0), 'picture-size'],
		['too many bytes', new Uint8Array(pictureLimitBytes + 1), 'picture-size']
	])('is refused: %s', (_, bytes, reason) => {
		expect(readSmallPicture(bytes)).toEqual({ ok: false, reason });
	});

	it('is left of a WebP that comes in parts, and of nothing else', () => {
		const picture = lossy(160, 120).subarray(12);
		const size = picture.length - 8;
		const sized = Uint8Array.from([...picture.subarray(0, 4), size, 0, 0, 0, ...picture.subarray(8)]);
		const part = (name: string, length: number): number[] => [
			...letters(name),
			...u16(length),
			0,
			0,
			...new Array(length + (length % 2)).fill(7)
		];
		const whole = Uint8Array.from([
			...riff,
			...part('VP8X', 10),
			...part('ICCP', 33),
			...sized,
			...part('EXIF', 5)
		]);
		const plain = pixelsOfWebp(whole);
		expect(readSmallPicture(plain)).toMatchObject({ value: { width: 160, height: 120 } });
		expect(plain).toHaveLength(12 + sized.length);
		expect(pixelsOfWebp(plain)).toEqual(plain);
		for (const other of [jpeg(1, 1), whole.subarray(0, 60), new Uint8Array(3)])
			expect(pixelsOfWebp(other)).toEqual(other);
	});

	it('is read from any bytes without a throw, and never a large one', () => {
		const start = fc.constantFrom(riff, [0xff, 0xd8, 0xff, 0xc0], [0xff, 0xd8, 0xff, 0xe1], []);
		fc.assert(
			fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, rest) => {
				const read = readSmallPicture(Uint8Array.from([...head, ...rest]));
				if (read.ok) expect(Math.max(read.value.width, read.value.height)).toBeLessThanOrEqual(256);
			})
		);
	});
});
