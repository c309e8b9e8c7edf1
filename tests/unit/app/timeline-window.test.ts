import { expect, test } from 'vitest';
import { Timeline } from '../../../src/lib/app/timeline.svelte';
import { plainlyShown } from '../../../src/lib/store/as-said';
import type { MessagePage, MessageRow, PageAnchor, Store } from '../../../src/lib/store/types';

const row = (time: number): MessageRow => ({
	...plainlyShown,
	conversation: 'c',
	segment: 1,
	lane: 1,
	clock: time,
	id: `m${time}`,
	time,
	author: 'a',
	own: false,
	text: '',
	sentAtMs: time
});

/** Answers a question for a page when the test says so. */
class AskedStore {
	readonly asked: { readonly anchor: PageAnchor; readonly answer: (page: MessagePage) => void }[] = [];

	readonly store = {
		page: ({ anchor }: { anchor: PageAnchor }) =>
			new Promise<MessagePage>((answer) => this.asked.push({ anchor, answer }))
	} as unknown as Store;

	answer(times: readonly number[], ends: { hasOlder: boolean; hasNewer: boolean }): void {
		const next = this.asked.shift();
		if (next === undefined) throw new Error('nothing was asked');
		next.answer({ messages: times.map(row), ...ends });
	}
}

function timelineOver({ store }: AskedStore): Timeline {
	return new Timeline({
		store,
		conversation: 'c',
		thread: null,
		nowMs: () => Date.now(),
		authorName: () => '',
		delivery: () => null
	});
}

const timesOf = (timeline: Timeline): number[] => timeline.messages.map(({ time }) => time);

test('an older page is dropped if the window has moved while it was fetched', async () => {
	const asked = new AskedStore();
	const timeline = timelineOver(asked);
	const opening = timeline.jumpToNewest();
	asked.answer([50, 51, 52], { hasOlder: true, hasNewer: false });
	await opening;
	const older = timeline.loadOlder();
	// Something comes into the middle of the window, which is read again meanwhile and begins earlier now.
	const refreshed = timeline.jumpTo(row(51));
	const [before, around] = asked.asked.splice(0);
	around?.answer({ messages: [48, 49, 50, 51, 52].map(row), hasOlder: true, hasNewer: false });
	await refreshed;
	before?.answer({ messages: [47, 48, 49].map(row), hasOlder: true, hasNewer: false });
	await older;
	expect(timesOf(timeline)).toEqual([48, 49, 50, 51, 52]);
	expect(timeline.hasOlder).toBe(true);
	const again = timeline.loadOlder();
	asked.answer([46, 47], { hasOlder: false, hasNewer: false });
	await again;
	expect(timesOf(timeline)).toEqual([46, 47, 48, 49, 50, 51, 52]);
});

test('a newer page is dropped if the window has grown meanwhile', async () => {
	const asked = new AskedStore();
	const timeline = timelineOver(asked);
	const opening = timeline.jumpTo(row(10));
	asked.answer([9, 10, 11], { hasOlder: true, hasNewer: true });
	await opening;
	const newer = timeline.loadNewer();
	const newest = timeline.jumpToNewest();
	const [after, latest] = asked.asked.splice(0);
	latest?.answer({ messages: [12, 13].map(row), hasOlder: true, hasNewer: false });
	await newest;
	after?.answer({ messages: [12, 13].map(row), hasOlder: true, hasNewer: false });
	await newer;
	expect(timesOf(timeline)).toEqual([12, 13]);
});

test('a message whose time has risen above all others is not shown twice', async () => {
	const asked = new AskedStore();
	const timeline = timelineOver(asked);
	const opening = timeline.jumpToNewest();
	asked.answer([50, 51, 52], { hasOlder: true, hasNewer: false });
	await opening;
	const lifted = { ...row(51), time: 53 };
	timeline.stored([lifted]);
	await expect.poll(() => asked.asked.length).toBe(1);
	asked.asked.shift()?.answer({ messages: [row(50), row(52), lifted], hasOlder: true, hasNewer: false });
	await expect.poll(() => timesOf(timeline)).toEqual([50, 52, 53]);
});
