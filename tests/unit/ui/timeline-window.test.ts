import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainlyShown } from '../../../src/lib/store/as-said';
import type { TimelineMessage, TimerLine } from '../../../src/lib/app/contract';
import { timelineRows } from '../../../src/lib/ui/timeline/rows';
import { leftBehind, windowStep } from '../../../src/lib/ui/timeline/window-step';

const startOfDay = (atMs: number): number => Math.floor(atMs / 86_400_000) * 86_400_000;

function message(time: number, over: Partial<TimelineMessage> = {}): TimelineMessage {
	return {
		id: `m${String(time).padStart(12, '0')}`,
		time,
		conversation: 'c',
		segment: 0,
		lane: 1,
		clock: time,
		author: 'a',
		own: false,
		text: 't',
		sentAtMs: time,
		...plainlyShown,
		authorName: 'A',
		delivery: null,
		...over
	};
}

describe('timeline rows', () => {
	it('groups by author and minute, and separates days', () => {
		const day = 86_400_000;
		const rows = timelineRows(
			[
				message(0),
				message(1_000),
				message(2_000, { author: 'b' }),
				message(61_000, { author: 'b' }),
				message(day, { author: 'b' })
			],
			null,
			false,
			startOfDay
		);
		expect(rows.map((row) => [row.first, row.last, row.dayMs])).toEqual([
			[true, false, 0],
			[false, true, null],
			[true, true, null],
			[true, true, null],
			[true, true, day]
		]);
	});

	it('draws the unread line above the first unread message of somebody else, and only where it belongs', () => {
		const messages = [message(0), message(1, { own: true }), message(2), message(3)];
		const lineAt = (unreadAfter: { time: number; id: string } | null, hasOlder = false): number =>
			timelineRows(messages, unreadAfter, hasOlder, startOfDay).findIndex((row) => row.unreadLine);
		expect(lineAt(messages[0] ?? null)).toBe(2);
		expect(lineAt(messages[2] ?? null)).toBe(3);
		expect(lineAt(messages[3] ?? null)).toBe(-1);
		expect(lineAt(null)).toBe(-1);
		expect(lineAt({ time: -1, id: '' })).toBe(0);
		expect(lineAt({ time: -1, id: '' }, true)).toBe(-1);
	});

	it('puts lines where they were said: between messages, below the newest, on their own day', () => {
		const day = 86_400_000;
		const line = (time: number): TimerLine => ({
			...{ id: `l${time}`, by: 'b', self: false, afterS: 60 },
			...{ time, atMs: time }
		});
		const lines = [-5, 500, day - 1, day + 500, day + 2_000].map(line);
		const messages = [message(0), message(1_000), message(day + 1_000)];
		const shown = (hasOlder: boolean, hasNewer: boolean) =>
			timelineRows(messages, null, hasOlder, startOfDay, [], { lines, hasNewer }).map((row) =>
				[row.linesBefore, row.linesAbove, row.linesBelow].map((each) => each.map(({ time }) => time))
			);
		expect(shown(false, false)).toEqual([
			[[-5], [], []],
			[[], [500], []],
			[[day - 1], [day + 500], [day + 2_000]]
		]);
		// What stands beyond the window is not known to.
		expect(shown(true, true)).toEqual([
			[[], [], []],
			[[], [500], []],
			[[day - 1], [day + 500], []]
		]);
		const [first, second] = timelineRows(messages, null, false, startOfDay, [], { lines, hasNewer: false });
		expect([first?.last, second?.first]).toEqual([true, true]);
	});

	it('keeps the identity of rows that did not change', () => {
		const messages = [message(0), message(120_000)];
		const before = timelineRows(messages, null, false, startOfDay);
		const after = timelineRows([...messages, message(240_000)], null, false, startOfDay, before);
		expect(after[0]).toBe(before[0]);
		expect(after[1]).toBe(before[1]);
	});
});

describe('window step', () => {
	const rows = (from: number, to: number): { key: string }[] =>
		Array.from({ length: to - from }, (_, index) => ({ key: String(from + index) }));

	it('grows at the start and is trimmed at the end in two steps', () => {
		const first = windowStep(rows(100, 200), rows(50, 150), 0);
		expect(first).toMatchObject({ shift: true, reset: false, done: false });
		expect(first.rows.map((row) => row.key)).toEqual(rows(50, 200).map((row) => row.key));
		const second = windowStep(first.rows, rows(50, 150), 50);
		expect(second).toMatchObject({ shift: false, reset: false, done: true });
		expect(second.rows).toHaveLength(100);
	});

	it('is trimmed at the start and grows at the end in two steps', () => {
		const first = windowStep(rows(0, 100), rows(50, 150), 90);
		expect(first).toMatchObject({ shift: true, done: false });
		expect(first.rows.map((row) => row.key)).toEqual(rows(50, 100).map((row) => row.key));
		expect(windowStep(first.rows, rows(50, 150), 40)).toMatchObject({ shift: false, done: true });
	});

	it('starts afresh when nothing is in common', () => {
		expect(windowStep(rows(0, 10), rows(20, 30), 0)).toMatchObject({ reset: true, done: true });
		expect(windowStep([], rows(20, 30), 0)).toMatchObject({ reset: false, done: true });
	});

	it('holds what is read when a late message slips in above it, and only then', () => {
		const shown = rows(0, 10);
		const wanted = [...shown.slice(0, 3), { key: 'late' }, ...shown.slice(3)];
		expect(windowStep(shown, wanted, 5).shift).toBe(true);
		expect(windowStep(shown, wanted, 1).shift).toBe(false);
		expect(windowStep(shown, [...shown, { key: 'new' }], 9).shift).toBe(false);
	});

	it('reaches any wanted window in at most three steps, shifting only for changes of the row count', () => {
		const window = fc.tuple(fc.nat(60), fc.nat(40)).map(([from, length]) => rows(from, from + length));
		fc.assert(
			fc.property(window, window, fc.nat(40), (from, to, firstVisible) => {
				let shown: readonly { key: string }[] = from;
				let steps = 0;
				for (let done = false; !done; steps += 1) {
					const step = windowStep(shown, to, firstVisible);
					if (step.shift) expect(step.rows.length).not.toBe(shown.length);
					shown = step.rows;
					done = step.done;
					expect(steps).toBeLessThan(3);
				}
				expect(shown).toEqual(to);
			})
		);
	});
});

it('counts the rows that a window has left behind at its start', () => {
	const rows = (...keys: readonly string[]) => keys.map((key) => ({ key }));
	expect(leftBehind(rows('a', 'b', 'c', 'd'), rows('c', 'd', 'e'))).toBe(2);
	expect(leftBehind(rows('c', 'd'), rows('b', 'c', 'd'))).toBe(0);
	expect(leftBehind(rows('a', 'b'), rows('x', 'y'))).toBe(0);
	expect(leftBehind(rows('a', 'b'), [])).toBe(0);
});

it('arrives in two steps from any rows to any other, even if some come twice', () => {
	const rows = fc.array(
		fc.constantFrom('a', 'b', 'c', 'd', 'e').map((key) => ({ key })),
		{ maxLength: 12 }
	);
	fc.assert(
		fc.property(rows, rows, fc.nat(12), (from, to, firstVisible) => {
			let step = windowStep(from, to, firstVisible);
			if (!step.done) step = windowStep(step.rows, to, firstVisible);
			expect(step.done).toBe(true);
			expect(step.rows.map(({ key }) => key)).toEqual(to.map(({ key }) => key));
		})
	);
});
