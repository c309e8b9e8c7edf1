/** What the virtual list is given while the window of the timeline moves on under somebody's hands. */
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { TimelineView } from '../../../src/lib/app/contract';
import type { TimelineRow } from '../../../src/lib/ui/timeline/rows';
import { TimelineScroll, type ListHandle } from '../../../src/lib/ui/timeline/timeline-scroll.svelte';

const rowPx = 10;
const row = (n: number) => ({ key: `row ${n}`, message: { id: `row ${n}`, time: n } });
/** Of them nothing else is asked. */
const rowsFrom = (from: number, to: number) =>
	Array.from({ length: to - from }, (_, i) => row(from + i)) as unknown as readonly TimelineRow[];

async function rig(hasOlder = true) {
	const timeline = {
		hasOlder,
		hasNewer: true,
		messages: [],
		loadOlder: async () => undefined,
		loadNewer: async () => undefined
	} as unknown as TimelineView;
	const at = { row: 150 };
	const list: ListHandle = {
		getScrollOffset: () => at.row * rowPx,
		getScrollSize: () => scroll.rows.length * rowPx,
		getViewportSize: () => 20 * rowPx,
		getItemOffset: (index) => index * rowPx,
		findItemIndex: (offset) => Math.floor(offset / rowPx),
		scrollToIndex: () => undefined
	};
	const scroll: TimelineScroll = new TimelineScroll(
		timeline,
		() => list,
		async () => undefined,
		() => expect.unreachable('nothing fails to load')
	);
	scroll.show(rowsFrom(0, 300));
	await tick();
	scroll.placed = true;
	scroll.atNewest = false;
	/** Number of the first row, and how many there are. */
	const shown = (): readonly [number | undefined, number] => [
		scroll.rows[0]?.message.time,
		scroll.rows.length
	];
	return { scroll, shown, at };
}

describe('rows that the window has left behind at its start', () => {
	it('stay while the list moves, and go when it has come to rest', async () => {
		const { scroll, shown } = await rig();
		scroll.scrolled();
		scroll.show(rowsFrom(60, 360));
		await tick();
		expect(shown()).toEqual([0, 360]);
		expect(scroll.shift).toBe(false);
		scroll.scrollEnded();
		await tick();
		expect(shown()).toEqual([60, 300]);
	});

	it('stay while they are looked at, and go with the next window', async () => {
		const { scroll, shown, at } = await rig();
		scroll.scrolled();
		scroll.show(rowsFrom(60, 360));
		at.row = 30;
		scroll.scrollEnded();
		await tick();
		expect(shown()).toEqual([0, 360]);
		at.row = 150;
		scroll.show(rowsFrom(60, 361));
		await tick();
		expect(shown()).toEqual([60, 301]);
	});

	it('go at once where the list rests, where the newest is followed, and where nothing older is known', async () => {
		const resting = await rig();
		const following = await rig();
		following.scroll.scrolled();
		following.scroll.atNewest = true;
		const beginning = await rig(false);
		beginning.scroll.scrolled();
		for (const { scroll, shown } of [resting, following, beginning]) {
			scroll.show(rowsFrom(60, 360));
			await tick();
			await tick();
			expect(shown()).toEqual([60, 300]);
		}
	});
});
