/**
 * Draws the mark and writes static/icon*.svg and .png: `npx tsx scripts/icons.ts`.
 * The mark is a trefoil knot: one thread, three loops, and nothing in the middle. It is computed rather than drawn,
 * so that crossings, stroke and margins stay exact when a size or a colour changes.
 */
import { writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { findChromium } from './chromium';

const background = '#0b666c';
const thread = '#ffffff';
const sizeUnits = 512;
const turn = 2 * Math.PI;

interface Point {
	readonly x: number;
	readonly y: number;
}

interface Drawing {
	/** Corner radius of the ground in units; 0 for a maskable icon, which the system clips itself. */
	readonly cornerUnits: number;
	/** Units from the middle of the picture to the outermost middle of the thread. */
	readonly reachUnits: number;
}

const plain: Drawing = { cornerUnits: 116, reachUnits: 182 };
// A maskable icon keeps everything that matters in the inner circle of 80 % (W3C manifest, "safe zone").
const maskable: Drawing = { cornerUnits: 0, reachUnits: 146 };

const pictures = [
	{ path: 'static/icon.svg', drawing: plain },
	{ path: 'static/icon-192.png', drawing: plain, pixels: 192 },
	{ path: 'static/icon-512.png', drawing: plain, pixels: 512 },
	{ path: 'static/icon-maskable-512.png', drawing: maskable, pixels: 512 }
];

/** The knot's point at parameter t (radians, 0 … 2π); the curve reaches 3 units from its middle. */
function knotPoint(t: number): Point {
	return { x: Math.sin(t) + 2 * Math.sin(2 * t), y: Math.cos(t) - 2 * Math.cos(2 * t) };
}

function knotTangent(t: number): Point {
	return { x: Math.cos(t) + 4 * Math.cos(2 * t), y: -Math.sin(t) + 4 * Math.sin(2 * t) };
}

/** Bézier path along the knot from `from` to `to` (radians). */
function knotPath(from: number, to: number, { reachUnits }: Drawing): string {
	const scale = reachUnits / 3;
	const steps = Math.max(2, Math.ceil(((to - from) / turn) * 36));
	const step = (to - from) / steps;
	const place = (p: Point, tangent: Point, reach: number) =>
		`${(sizeUnits / 2 + scale * (p.x + tangent.x * reach)).toFixed(1)} ${(sizeUnits / 2 + offsetUnits(reachUnits) + scale * (p.y + tangent.y * reach)).toFixed(1)}`;
	let path = `M${place(knotPoint(from), knotTangent(from), 0)}`;
	for (let i = 0; i < steps; i++) {
		const a = from + i * step;
		const b = a + step;
		path += `C${place(knotPoint(a), knotTangent(a), step / 3)} ${place(knotPoint(b), knotTangent(b), -step / 3)} ${place(knotPoint(b), knotTangent(b), 0)}`;
	}
	return path;
}

/** One loop up, two below: the knot's box lies above its middle, so the eye wants it lower. */
function offsetUnits(reachUnits: number): number {
	return reachUnits * 0.13;
}

function mark(drawing: Drawing): string {
	const width = drawing.reachUnits * 0.25;
	const gap = width * 1.7;
	// The curve meets itself at t = 0.271 and 3.918 (solved numerically) and a third of a turn on, twice; the thread
	// goes over at every other meeting.
	const overpasses = [0, 1, 2].map((k) => 0.271 + (k * turn) / 3);
	const over = (halfLength: number) =>
		overpasses.map((t) => knotPath(t - halfLength, t + halfLength, drawing)).join('');
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sizeUnits} ${sizeUnits}" fill="none">`,
		`<rect width="${sizeUnits}" height="${sizeUnits}" rx="${drawing.cornerUnits}" fill="${background}"/>`,
		`<path d="${knotPath(0, turn, drawing)}" stroke="${thread}" stroke-width="${width.toFixed(1)}"/>`,
		`<path d="${over(0.17)}" stroke="${background}" stroke-width="${gap.toFixed(1)}"/>`,
		`<path d="${over(0.26)}" stroke="${thread}" stroke-width="${width.toFixed(1)}"/>`,
		`</svg>\n`
	].join('\n');
}

const browser = await chromium.launch({ executablePath: findChromium() });
for (const { path, drawing, pixels } of pictures) {
	if (pixels === undefined) {
		writeFileSync(path, mark(drawing));
		continue;
	}
	const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
	await page.setContent(
		`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${mark(drawing)}`
	);
	await page.screenshot({ path, omitBackground: true });
	await page.close();
}
await browser.close();
