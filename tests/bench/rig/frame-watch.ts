/**
 * Runs in a page that is being scrolled: what each frame took, and what it moved. Looks when a frame is done on the main
 * thread, where reading the layout costs nothing more.
 */
export interface FramesReport {
	/** From one frame to the next, ms. */
	readonly intervalsMs: readonly number[];
	/** From the beginning of a frame until the main thread was done with it, ms. */
	readonly workMs: readonly number[];
	readonly longestTaskMs: number;
	/** Frames with a stretch of the viewport in which there was no row. */
	readonly blankFrames: number;
	/** Frames at an end of what was loaded, while there was more. */
	readonly stoppedFrames: number;
	/** How far everything has moved in one frame against the way the hand was moving, at most. */
	readonly backwardsPx: number;
	/** How far rows on screen have moved apart or together in one frame, at most. */
	readonly spreadPx: number;
	/** Sum of what was moved. */
	readonly travelledPx: number;
}

export interface Watched {
	/** Of the element that scrolls. */
	readonly scroller: string;
	/** Of rows in it; each has an attribute `data-row` of its own. */
	readonly row: string;
	/** +1: towards older messages, so content moves down. */
	readonly direction: 1 | -1;
	/** Of something that is there as long as the newest is not on screen; null: the list has nothing like that. */
	readonly away: string | null;
}

/** No row is that far from the next one. */
const gapLimitPx = 48;

let watched: Watched | null = null;
let report = empty();
let lastFrameMs: number | null = null;
let lastTops = new Map<string, number>();
let longestTaskMs = 0;

function empty() {
	return {
		intervalsMs: [] as number[],
		workMs: [] as number[],
		blankFrames: 0,
		stoppedFrames: 0,
		backwardsPx: 0,
		spreadPx: 0,
		travelledPx: 0
	};
}

new PerformanceObserver((list) => {
	for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
}).observe({ type: 'longtask' });

const { port1, port2 } = new MessageChannel();
let frameMs = 0;
port1.onmessage = () => {
	if (watched === null) return;
	report.workMs.push(performance.now() - frameMs);
	look(watched);
};

function onframe(atMs: number): void {
	if (watched === null) return;
	if (lastFrameMs !== null) report.intervalsMs.push(atMs - lastFrameMs);
	lastFrameMs = frameMs = atMs;
	port2.postMessage(null);
	requestAnimationFrame(onframe);
}

function look({ scroller, row, direction, away }: Watched): void {
	const log = document.querySelector<HTMLElement>(scroller);
	if (log === null) return;
	const view = log.getBoundingClientRect();
	const places = [...log.querySelectorAll<HTMLElement>(row)]
		.map((element) => ({ key: element.dataset['row'] ?? '', rect: element.getBoundingClientRect() }))
		.filter(({ rect }) => rect.bottom > view.top && rect.top < view.bottom)
		.sort((a, b) => a.rect.top - b.rect.top);
	let covered = view.top;
	let gapPx = 0;
	for (const { rect } of places) {
		gapPx = Math.max(gapPx, rect.top - covered);
		covered = rect.bottom;
	}
	const isAtEnd = direction === -1 && (away === null || document.querySelector(away) === null);
	if (!isAtEnd && Math.max(gapPx, view.bottom - covered) > gapLimitPx) report.blankFrames++;
	const left = direction === 1 ? log.scrollTop : log.scrollHeight - log.clientHeight - log.scrollTop;
	if (!isAtEnd && left < 1) report.stoppedFrames++;

	const tops = new Map(places.map(({ key, rect }) => [key, rect.top]));
	const moves = places.flatMap(({ key, rect }) => {
		const before = lastTops.get(key);
		return before === undefined ? [] : [rect.top - before];
	});
	lastTops = tops;
	if (moves.length === 0) return;
	const [least, most] = [Math.min(...moves), Math.max(...moves)];
	report.spreadPx = Math.max(report.spreadPx, most - least);
	report.backwardsPx = Math.max(report.backwardsPx, direction === 1 ? -least : most);
	report.travelledPx += Math.abs((least + most) / 2);
}

const frameWatch = {
	start(what: Watched): void {
		report = empty();
		lastFrameMs = null;
		lastTops = new Map();
		longestTaskMs = 0;
		watched = what;
		requestAnimationFrame(onframe);
	},
	stop(): FramesReport {
		watched = null;
		return { ...report, longestTaskMs };
	},
	/** Resolves after so many frames. */
	pass(count: number): Promise<void> {
		return new Promise((resolve) => {
			const step = (left: number): void => {
				if (left === 0) resolve();
				else requestAnimationFrame(() => step(left - 1));
			};
			step(count);
		});
	},
	/** Resolves when nothing in the list has moved for so many frames. */
	rest(scroller: string, still: number): Promise<void> {
		return new Promise((resolve) => {
			let before = '';
			let count = 0;
			const step = (): void => {
				const log = document.querySelector<HTMLElement>(scroller);
				const now = `${log?.scrollTop} ${log?.scrollHeight}`;
				count = now === before ? count + 1 : 0;
				before = now;
				if (count >= still) resolve();
				else requestAnimationFrame(step);
			};
			step();
		});
	},
	/** Key and top of the row in the middle of the screen, or below it. */
	middle(scroller: string, row: string): { readonly key: string; readonly top: number } | null {
		const log = document.querySelector<HTMLElement>(scroller);
		if (log === null) return null;
		const view = log.getBoundingClientRect();
		const middle = view.top + view.height / 2;
		const places = [...log.querySelectorAll<HTMLElement>(row)].map((element) => ({
			key: element.dataset['row'] ?? '',
			rect: element.getBoundingClientRect()
		}));
		// There is room between rows.
		const nearest = places.find(({ rect }) => rect.bottom > middle) ?? places.at(-1);
		return nearest === undefined ? null : { key: nearest.key, top: nearest.rect.top };
	},
	topOf(row: string, key: string): number | null {
		const found = [...document.querySelectorAll<HTMLElement>(row)].find(
			(element) => element.dataset['row'] === key
		);
		return found?.getBoundingClientRect().top ?? null;
	}
};

export type FrameWatch = typeof frameWatch;

declare global {
	interface Window {
		frameWatch: FrameWatch;
	}
}
window.frameWatch = frameWatch;
