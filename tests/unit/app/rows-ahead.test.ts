import { describe, expect, it } from 'vitest';
import { RowsAhead } from '../../../src/lib/app/rows-ahead';
import { Timeline } from '../../../src/lib/app/timeline.svelte';
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import { plainlyShown } from '../../../src/lib/store/as-said';
import type { MessageRow, Store } from '../../../src/lib/store/types';

const nowMs = 1_800_000_000_000;

function row(clock: number, over: Partial<MessageRow> = {}): MessageRow {
	const sentAtMs = nowMs - 10_000 + clock;
	const place = { conversation: 'c', segment: 1, lane: 7, clock, time: hlcOfMs(sentAtMs) };
	const words = { author: 'me', own: true, text: `t${clock}`, sentAtMs };
	return { ...plainlyShown, id: `m${clock}`, ...place, ...words, ...over };
}

function timelineOf(...rows: MessageRow[]): Timeline {
	const store = { page: async () => ({ messages: rows, hasOlder: false, hasNewer: false }) };
	return new Timeline({
		store: store as unknown as Store,
		conversation: 'c',
		thread: null,
		nowMs: () => nowMs,
		authorName: () => '',
		delivery: ({ own }) => (own ? 'queued' : null)
	});
}

const shownOf = ({ messages }: Timeline): string[] =>
	messages.map(({ text, delivery, key }) => [text, delivery ?? '-', ...(key ? [key] : [])].join(' '));

describe('a message that is being sent', () => {
	it('is shown at once, and keeps its key when it gets its place, from wherever', async () => {
		const timeline = timelineOf(row(1));
		await timeline.jumpToNewest();
		const sending = timeline.send('t2', 'me');
		expect(shownOf(timeline)).toEqual(['t1 queued', 't2 saving sending-1']);
		sending.placed({ segment: 1, lane: 7, clock: 2 });
		timeline.arrived([row(2)]);
		expect(shownOf(timeline)).toEqual(['t1 queued', 't2 queued sending-1']);
		timeline.stored([row(2)]);
		expect(shownOf(timeline)).toEqual(['t1 queued', 't2 queued sending-1']);
		expect(timeline.messages[1]?.id).toBe('m2');
	});

	it('stands last, whatever the clocks of others say', async () => {
		const ahead = row(9, { id: 'theirs', own: false, time: hlcOfMs(nowMs + 60_000), text: 'ahead' });
		const timeline = timelineOf(row(1), ahead);
		await timeline.jumpToNewest();
		timeline.send('mine', 'me');
		expect(shownOf(timeline)).toEqual(['t1 queued', 'ahead -', 'mine saving sending-1']);
	});

	it('goes away when it could not be written, and only it', async () => {
		const timeline = timelineOf();
		await timeline.jumpToNewest();
		const [first, second] = [timeline.send('one', 'me'), timeline.send('two', 'me')];
		first.failed();
		expect(shownOf(timeline)).toEqual(['two saving sending-2']);
		second.placed({ segment: 1, lane: 7, clock: 4 });
		// Somebody else's entry at the same place is not it.
		timeline.arrived([row(4, { own: false, text: 'other' })]);
		expect(shownOf(timeline)).toEqual(['other -', 'two saving sending-2']);
	});
});

describe('a message that has arrived', () => {
	it('is shown before the read model has it, once, in its order', async () => {
		const timeline = timelineOf(row(1), row(5));
		await timeline.jumpToNewest();
		timeline.arrived([row(3, { own: false })]);
		timeline.arrived([row(3, { own: false })]);
		expect(shownOf(timeline)).toEqual(['t1 queued', 't3 -', 't5 queued']);
		void timeline.withdrawn(['m3']);
		expect(shownOf(timeline)).toEqual(['t1 queued', 't5 queued']);
	});

	it('waits if its author’s clock is far ahead', async () => {
		const timeline = timelineOf(row(1));
		await timeline.jumpToNewest();
		timeline.arrived([row(2, { time: hlcOfMs(nowMs + 3_600_000) })]);
		expect(shownOf(timeline)).toEqual(['t1 queued']);
	});
});

it('rows are ahead of the newest end of a window only', () => {
	const ahead = new RowsAhead(() => undefined);
	ahead.arrive([row(9)]);
	expect(ahead.join([row(1)], false).map((shown) => shown.row.id)).toEqual(['m1']);
	expect(ahead.join([row(1)], true).map((shown) => shown.row.id)).toEqual(['m1', 'm9']);
	ahead.leave([row(9)]);
	expect(ahead.isEmpty).toBe(true);
});
