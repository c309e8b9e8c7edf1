import { tick } from 'svelte';
import type { Position, TimelineView } from '$lib/app/contract';
import type { ReadingPlace } from './reading-places';
import { isAfter, type TimelineRow } from './rows';
import { leftBehind, windowStep } from './window-step';

/** What is used of the virtual list. */
export interface ListHandle {
	getScrollOffset(): number;
	getScrollSize(): number;
	getViewportSize(): number;
	getItemOffset(index: number): number;
	findItemIndex(offset: number): number;
	scrollToIndex(index: number, options?: { align?: 'start' | 'center' | 'end'; offset?: number }): void;
}

/** This near to the end counts as being there: sub-pixel rounding and a half-read line must not unstick. */
const endTolerancePx = 24;
/** Ask for the next page when this few rows are left beyond the screen. */
const pageMarginRows = 20;
/** Rows are measured as they come on screen, which moves the others; it takes two or three frames to come to rest. */
const placingFrames = 12;
/** So many rows stay at the start until the list has come to rest: three windows of the timeline. */
const leftBehindLimit = 900;
/** Room above a row that was jumped to. */
const jumpMarginPx = 72;

/**
 * Where a timeline stands: at the newest (and staying there), or somewhere older, held still while rows come and go.
 * Owns the rows that the virtual list shows; the component renders them and reports what the list does.
 */
export class TimelineScroll {
	rows = $state.raw<readonly TimelineRow[]>([]);
	shift = $state(false);
	/** Changes when the list has to start afresh. */
	generation = $state(0);
	/** At the newest message, following it. */
	atNewest = $state(true);
	/** False until the opening position is taken: nothing is shown before, so nothing jumps. */
	placed = $state(false);

	#timeline: TimelineView;
	#list: () => ListHandle | undefined;
	#onfailure: () => void;
	#nextFrame: () => Promise<void>;
	#wanted: readonly TimelineRow[] = [];
	/** It has been scrolled, by whomever, and has not come to rest. */
	#moving = false;
	/** How many rows at the start are shown that the window has left behind. */
	#leftBehind = 0;
	/** Our own scrolling is under way. */
	#settling = false;
	/** The person has taken over, and what they began has not come to rest. */
	#byHand = false;
	#last: { offset: number; size: number; viewport: number; rows: readonly TimelineRow[] } = {
		offset: 0,
		size: 0,
		viewport: 0,
		rows: []
	};
	#loading = false;
	#closed = false;
	/** Repeats the last of our own scrolls. */
	#aim: () => void = () => undefined;

	/**
	 * `list` is asked anew each time, as the list may be replaced. `onfailure`: a page could not be loaded.
	 * `nextFrame` resolves after the next paint, or at once where nothing is painted.
	 */
	constructor(
		timeline: TimelineView,
		list: () => ListHandle | undefined,
		nextFrame: () => Promise<void>,
		onfailure: () => void
	) {
		this.#nextFrame = nextFrame;
		this.#timeline = timeline;
		this.#list = list;
		this.#onfailure = onfailure;
	}

	/** Goes towards these rows, in as many steps as it takes to hold what is being read. */
	show(wanted: readonly TimelineRow[]): void {
		this.#wanted = wanted;
		this.#leftBehind = this.#staying(wanted);
		const next = this.#leftBehind > 0 ? [...this.rows.slice(0, this.#leftBehind), ...wanted] : wanted;
		const step = windowStep(this.rows, next, this.#firstVisible());
		this.shift = step.shift;
		this.rows = step.rows;
		if (step.reset) {
			this.#moving = false;
			this.generation += 1;
		}
		void tick().then(() => {
			if (this.#closed || this.#wanted !== wanted) return;
			if (!step.done) this.show(wanted);
			else if (this.placed) this.#settle();
		});
	}

	/** Takes the opening position: a message jumped to, the place that was left, the unread line, or the newest. */
	async open(
		jumpTo: Position | null,
		place: ReadingPlace | null,
		unreadAfter: Position | null
	): Promise<void> {
		if (jumpTo) await this.jumpTo(jumpTo);
		else if (place) await this.#goTo(place.position, 'start', -place.offsetPx);
		else {
			const oldest = this.#timeline.messages[0];
			if (unreadAfter && oldest && isAfter(oldest, unreadAfter) && this.#timeline.hasOlder) {
				await this.#timeline.jumpTo(unreadAfter);
				await tick();
			}
			const line = this.rows.findIndex((row) => row.unreadLine);
			if (line >= 0) {
				this.atNewest = false;
				this.#scrollTo(line, 'start', -jumpMarginPx);
			} else this.#toEnd();
		}
		await this.#atRest();
		if (this.#closed) return;
		this.placed = true;
		this.#settle();
	}

	/** Loads what is around a message, and brings it to the middle of the screen. */
	async jumpTo(position: Position): Promise<void> {
		await this.#goTo(position, 'center', 0);
	}

	/** @param place as `place()` gave it */
	async returnTo(place: ReadingPlace | null): Promise<void> {
		if (place) await this.#goTo(place.position, 'start', -place.offsetPx);
		else await this.jumpToNewest();
	}

	async jumpToNewest(): Promise<void> {
		await this.#guarded(() => this.#timeline.jumpToNewest());
		await tick();
		this.#toEnd();
	}

	/** Something of one's own has been sent: whoever writes wants to see it. */
	async followOwn(): Promise<void> {
		if (!this.placed) return;
		if (this.#timeline.hasNewer) return this.jumpToNewest();
		await tick();
		this.#toEnd();
	}

	/** Call on every scroll of the list. */
	scrolled(): void {
		this.#moving = true;
		this.#notice();
		this.#loadNearEnds();
	}

	scrollEnded(): void {
		this.#settling = false;
		this.scrolled();
		this.#byHand = this.#moving = false;
		if (this.#leftBehind > 0) this.show(this.#wanted);
	}

	/** Rows or the viewport changed their size: a timeline that follows the newest keeps following it. */
	resized(): void {
		if (this.placed) this.#settle();
	}

	/** The person takes over: whatever we were scrolling to no longer matters. */
	handsOn(): void {
		this.#settling = false;
		this.#byHand = true;
	}

	/** The newest message that is on screen, if any. */
	newestVisible(): Position | null {
		const list = this.#list();
		if (!list || !this.placed || this.rows.length === 0) return null;
		const bottom = list.getScrollOffset() + list.getViewportSize();
		const last = Math.min(this.rows.length - 1, list.findItemIndex(bottom - endTolerancePx));
		// One that is on its way to the disk has no place yet.
		const row = this.rows.slice(0, last + 1).findLast(({ message }) => message.delivery !== 'saving');
		return row ? { time: row.message.time, id: row.message.id } : null;
	}

	/** Where reading stands, to be taken up again; null at the newest. */
	place(): ReadingPlace | null {
		const list = this.#list();
		if (!list || !this.placed || this.atNewest) return null;
		const index = this.#firstVisible();
		const row = this.rows[index];
		if (!row) return null;
		return {
			position: { time: row.message.time, id: row.message.id },
			offsetPx: list.getItemOffset(index) - list.getScrollOffset()
		};
	}

	close(): void {
		this.#closed = true;
	}

	async #goTo(position: Position, align: 'start' | 'center', offset: number): Promise<void> {
		const known = (): number => this.rows.findIndex((row) => row.message.id === position.id);
		if (known() < 0) {
			await this.#guarded(() => this.#timeline.jumpTo(position));
			await tick();
		}
		const exact = known();
		// A message that is gone (its lane was withdrawn): the nearest one after it.
		const index = exact >= 0 ? exact : this.rows.findIndex((row) => isAfter(row.message, position));
		if (index < 0) return this.#toEnd();
		this.atNewest = false;
		this.#scrollTo(index, align, offset);
	}

	/** Aims again each frame, until the list and its rows have not moved for one, or for too long to wait. */
	async #atRest(): Promise<void> {
		let before = { offset: -1, size: -1 };
		for (let frame = 0; frame < placingFrames && !this.#closed; frame += 1) {
			this.#aim();
			await this.#nextFrame();
			const list = this.#list();
			const now = { offset: list?.getScrollOffset() ?? 0, size: list?.getScrollSize() ?? 0 };
			if (Math.abs(now.offset - before.offset) < 1 && now.size === before.size) return;
			before = now;
		}
	}

	#settle(): void {
		if (this.atNewest && !this.#timeline.hasNewer) this.#toEnd();
		this.#loadNearEnds();
	}

	#toEnd(): void {
		this.atNewest = true;
		if (this.rows.length > 0) this.#scrollTo(this.rows.length - 1, 'end', 0);
	}

	#scrollTo(index: number, align: 'start' | 'center' | 'end', offset: number): void {
		this.#settling = true;
		this.#aim = () => this.#list()?.scrollToIndex(index, { align, offset });
		this.#aim();
	}

	/**
	 * The newest is left by moving up, and by nothing else: when rows come, go or change their size, or the viewport
	 * does, the list moves too, which is no wish to stop following. Under somebody's hands rows are measured in the very
	 * frames in which it moves; then it is left when the end is farther away than before. It is reached by getting to it.
	 */
	#notice(): void {
		const list = this.#list();
		if (!list || !this.placed) return;
		const now = {
			offset: list.getScrollOffset(),
			size: list.getScrollSize(),
			viewport: list.getViewportSize(),
			rows: this.rows
		};
		const last = this.#last;
		this.#last = now;
		const toEnd = ({ size, offset, viewport }: typeof now): number => size - offset - viewport;
		if (toEnd(now) < endTolerancePx) {
			this.#settling = false;
			this.atNewest = !this.#timeline.hasNewer;
		} else if (
			!this.#settling &&
			// As many rows may have come at the end as went at the start, and all be of one height.
			now.rows === last.rows &&
			(now.size === last.size || (this.#byHand && toEnd(now) > toEnd(last))) &&
			now.viewport === last.viewport &&
			now.offset < last.offset
		) {
			this.atNewest = false;
		}
	}

	/** How many of the rows that the window has left behind are to stay: while the list moves, or they are looked at. */
	#staying(wanted: readonly TimelineRow[]): number {
		// Whoever follows the newest is held by their distance to it anyway.
		if (this.atNewest) return 0;
		const count = leftBehind(this.rows, wanted);
		// Without older ones beyond, they have not been left behind but taken away.
		if (count === 0 || count > leftBehindLimit || !this.#timeline.hasOlder) return 0;
		return this.#moving || this.#firstVisible() < count + pageMarginRows ? count : 0;
	}

	#firstVisible(): number {
		const list = this.#list();
		return list && this.rows.length > 0 ? list.findItemIndex(list.getScrollOffset()) : 0;
	}

	#loadNearEnds(): void {
		const list = this.#list();
		if (!list || !this.placed || this.#loading || this.rows.length === 0) return;
		const first = list.findItemIndex(list.getScrollOffset());
		const last = list.findItemIndex(list.getScrollOffset() + list.getViewportSize());
		const timeline = this.#timeline;
		const load =
			first < this.#leftBehind + pageMarginRows && timeline.hasOlder
				? () => timeline.loadOlder()
				: last > this.rows.length - pageMarginRows && timeline.hasNewer
					? () => timeline.loadNewer()
					: null;
		if (!load) return;
		this.#loading = true;
		void this.#guarded(load).then(async (loaded) => {
			await tick();
			this.#loading = false;
			if (loaded && !this.#closed) this.#loadNearEnds();
		});
	}

	async #guarded(work: () => Promise<void>): Promise<boolean> {
		try {
			await work();
			return true;
		} catch {
			this.#onfailure();
			return false;
		}
	}
}
