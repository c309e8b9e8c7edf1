/**
 * Through a conversation of 100 000 messages of mixed heights: flung by touch, away from the newest and back, and by the
 * wheel, notch by notch, where each notch has to move what is on screen by exactly that far. Beside it a bare page with as
 * many plain bubbles as a long window of ours, flung alike: what the machine itself takes, which paints in software if
 * there is no GPU.
 *
 *     npm run bench -- scroll [--quick] [--messages=100000] [--flings=30] [--notches=150]
 */
import type { CDPSession, Page } from '@playwright/test';
import { messageText } from '../seed/message-texts';
import { pageScript } from '../page-script';
import { SeededRandom } from '../simulation/seeded-random';
import { newMember, present } from './rig/members';
import type { FramesReport, Watched } from './rig/frame-watch';
import { cpuSeconds, probedPerson } from './rig/probed-person';
import type { LongTask } from './rig/probe-page';
import { benchArguments, progress, report } from './rig/report';
import { Scratch } from './rig/scratch';
import { SeededRelay } from './rig/seeded-relay';
import { quantile, rounded } from './rig/statistics';

const { quick, option } = benchArguments();
const messages = Number(option('messages') ?? (quick ? 2_000 : 100_000));
/** Each way, in each round. */
const flings = Number(option('flings') ?? (quick ? 4 : 30));
const notches = Number(option('notches') ?? (quick ? 10 : 150));
/** The first is not counted. */
const rounds = quick ? 2 : 3;
const frameMs = 1000 / 60;
/** Clocks of frames tremble by some tenths; a frame that was left out takes twice as long. */
const lateMs = frameMs * 1.5;
const plainBubbles = 2_000;
/** What the finger does; the list goes on by itself when it is lifted. */
const flingPx = 480;
const flingMoves = 8;
/** Until the finger is back. */
const framesBetween = 24;
const notchPx = 240;
const restFrames = 20;
const ownLog = '[role=log]:not(.invisible)';
const row = '[data-row]';
const awayFromNewest = 'button[aria-label="Jump to newest"]';
const toOlder = 1;
const toNewer = -1;

interface Flung {
	readonly older: FramesReport;
	readonly newer: FramesReport;
	readonly cpuS: number;
}

await using server = await SeededRelay.start(messages);
using scratch = new Scratch();
const ada = await newMember(server, scratch, 'Ada');
const person = await present(server, ada, 'relay');
const plain = await probedPerson('Bo', server.url, { profileDir: scratch.next() });
await showPlain(plain.page);
const watcher = await pageScript(new URL('./rig/frame-watch.ts', import.meta.url));
for (const { page } of [person, plain]) await page.evaluate(watcher);
await person.page.evaluate(() => window.probe.store('settled'));

const flung: { ours: Flung[]; plain: Flung[] } = { ours: [], plain: [] };
for (let round = 0; round < rounds; round++) {
	for (const side of round % 2 === 0 ? (['ours', 'plain'] as const) : (['plain', 'ours'] as const)) {
		const one = side === 'ours' ? person : plain;
		const sinceMs = Date.now();
		const before = await cpuSeconds(one);
		const older = await fling(one.page, side, toOlder);
		const newer = await fling(one.page, side, toNewer);
		const figures = { older, newer, cpuS: (await cpuSeconds(one)) - before };
		progress(`${side}: ${JSON.stringify(summary([figures]))}`);
		if (side === 'ours') progress(JSON.stringify(await longestFrames(one.page, sinceMs)));
		if (round > 0) flung[side].push(figures);
	}
}
await person.page.bringToFront();
const driftsPx = [...(await wheel(person.page, toOlder))];
// Whoever turns round rests for a moment.
await person.page.evaluate(([log, frames]) => window.frameWatch.rest(log, frames), [
	ownLog,
	restFrames
] as const);
driftsPx.push(...(await wheel(person.page, toNewer)));
for (const each of [person, plain]) await each.close();

const ours = summary(flung.ours);
const peer = summary(flung.plain);
report({
	bench: 'scroll',
	workload: `${flings} flings each way, ${rounds - 1} rounds, among ${messages} messages; share of frames that came late`,
	ours: ours.lateShare,
	peer: peer.lateShare,
	peerName: `a bare page with ${plainBubbles} plain bubbles, all of them in the page`,
	ratio: peer.lateShare === 0 ? null : rounded(ours.lateShare / peer.lateShare),
	target: 'U1: >= 99 % of frames <= 16.7 ms, none blank, anchor drift <= 1 px',
	unit: `share of frames that took more than ${rounded(lateMs)} ms`,
	flung: ours,
	plain: peer,
	notches: driftsPx.length,
	driftMaxPx: rounded(Math.max(...driftsPx)),
	driftedNotches: driftsPx.filter((drift) => drift > 1).length
});

function summary(all: readonly Flung[]) {
	const reports = all.flatMap(({ older, newer }) => [older, newer]);
	const intervals = reports.flatMap(({ intervalsMs }) => intervalsMs);
	const work = reports.flatMap(({ workMs }) => workMs);
	const most = (of: (each: FramesReport) => number): number => rounded(Math.max(...reports.map(of)));
	const sum = (of: (each: FramesReport) => number): number =>
		reports.reduce((total, each) => total + of(each), 0);
	const travelledPx = sum((each) => each.travelledPx);
	return {
		frames: intervals.length,
		lateShare: rounded(intervals.filter((each) => each > lateMs).length / intervals.length),
		intervalP99Ms: rounded(quantile(intervals, 0.99)),
		workP50Ms: rounded(quantile(work, 0.5)),
		workP95Ms: rounded(quantile(work, 0.95)),
		workOverFrameShare: rounded(work.filter((each) => each > frameMs).length / work.length),
		longestTaskMs: most(({ longestTaskMs }) => longestTaskMs),
		blankFrames: sum(({ blankFrames }) => blankFrames),
		stoppedFrames: sum(({ stoppedFrames }) => stoppedFrames),
		backwardsPx: most(({ backwardsPx }) => backwardsPx),
		spreadPx: most(({ spreadPx }) => spreadPx),
		travelledPx: Math.round(travelledPx),
		cpuSPer100000Px: rounded((all.reduce((total, { cpuS }) => total + cpuS, 0) / travelledPx) * 100_000)
	};
}

/** What ran in the longest frames since then (ms since 1970). */
function longestFrames(page: Page, sinceMs: number): Promise<readonly LongTask[]> {
	return page.evaluate(
		(since) =>
			window.probe
				.longFrames()
				.filter(({ startMs }) => startMs > since)
				.sort((a, b) => b.durationMs - a.durationMs)
				.slice(0, 3),
		sinceMs
	);
}

/** One after the other, without waiting for the last one to run out, as somebody does who looks for something. */
async function fling(page: Page, side: 'ours' | 'plain', direction: 1 | -1): Promise<FramesReport> {
	await page.bringToFront();
	const watched: Watched = {
		scroller: side === 'ours' ? ownLog : '#plain',
		row,
		direction,
		away: side === 'ours' ? awayFromNewest : null
	};
	const session = await page.context().newCDPSession(page);
	await session.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 });
	await page.evaluate((what) => window.frameWatch.start(what), watched);
	for (let count = 0; count < flings; count++) await flingOnce(session, page, direction);
	const figures = await page.evaluate(() => window.frameWatch.stop());
	await session.detach();
	await page.evaluate((scroller) => window.frameWatch.rest(scroller, 10), watched.scroller);
	return figures;
}

async function flingOnce(session: CDPSession, page: Page, direction: 1 | -1): Promise<void> {
	const { width, height } = page.viewportSize() ?? { width: 1280, height: 800 };
	const x = Math.round(width * 0.7);
	const startY = height / 2 - (direction * flingPx) / 2;
	await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y: startY }] });
	for (let move = 1; move <= flingMoves; move++) {
		const y = startY + (direction * flingPx * move) / flingMoves;
		await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y }] });
	}
	await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
	await page.evaluate((count) => window.frameWatch.pass(count), framesBetween);
}

/** @returns by how much each notch has moved the row in the middle more or less than it should have, px */
async function wheel(page: Page, direction: 1 | -1): Promise<readonly number[]> {
	const drifts: number[] = [];
	const box = await page.locator(ownLog).boundingBox();
	if (box === null) throw new Error('there is no log');
	await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
	for (let count = 0; count < notches; count++) {
		const before = await page.evaluate(([scroller, rows]) => window.frameWatch.middle(scroller, rows), [
			ownLog,
			row
		] as const);
		if (before === null) throw new Error('there is no row in the middle of the screen');
		await page.mouse.wheel(0, -direction * notchPx);
		await page.waitForFunction(([rows, key, top]) => window.frameWatch.topOf(rows, key) !== top, [
			row,
			before.key,
			before.top
		] as const);
		await page.evaluate((scroller) => window.frameWatch.rest(scroller, 4), ownLog);
		const top = await page.evaluate(([rows, key]) => window.frameWatch.topOf(rows, key), [
			row,
			before.key
		] as const);
		drifts.push(top === null ? Infinity : Math.abs(top - before.top - direction * notchPx));
	}
	return drifts;
}

async function showPlain(page: Page): Promise<void> {
	const random = new SeededRandom(1);
	const texts = Array.from({ length: plainBubbles }, (_, index) => messageText(random, index));
	await page.goto('about:blank');
	await page.evaluate((all) => {
		const list = document.createElement('div');
		list.id = 'plain';
		list.style.cssText =
			'position:fixed;inset:0;overflow-y:auto;font:15px/1.4 sans-serif;padding:0 24px;overflow-anchor:none';
		for (const [index, text] of all.entries()) {
			const bubble = document.createElement('div');
			bubble.dataset['row'] = String(index);
			bubble.style.cssText =
				'max-width:640px;margin:2px 0;padding:8px 12px;border-radius:12px;background:#eee;color:#111';
			bubble.textContent = text;
			list.append(bubble);
		}
		document.body.replaceChildren(list);
		list.scrollTop = list.scrollHeight;
	}, texts);
}
