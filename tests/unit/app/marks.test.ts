import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarkTable } from '../../../src/lib/app/marks/mark-table';
import { muteUntilMs } from '../../../src/lib/app/marks/mute-times';
import { foreverMs, markKey, newerMark, type MarkRow } from '../../../src/lib/identity/marks';

const row = fc.record<MarkRow>({
	conversation: fc.constantFrom('a', 'b'),
	message: fc.constantFrom('', 'm'),
	kind: fc.constantFrom('muted', 'archived', 'starred', 'hidden', 'cleared'),
	value: fc.nat(5),
	setAtMs: fc.nat(5)
});
const keys = (rows: readonly MarkRow[]) => [...new Map(rows.map((each) => [markKey(each), each])).values()];

function holds(table: MarkTable, rows: readonly MarkRow[]): unknown {
	return keys(rows).map(({ kind, conversation, message }) => table.value(kind, conversation, message));
}

describe('marks of several devices', () => {
	it('come to the same in whatever order and however often they are told', () => {
		fc.assert(
			fc.property(fc.array(row, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 40 }), (rows, order) => {
				const once = new MarkTable();
				once.merge(rows);
				const other = new MarkTable();
				for (const index of order)
					if (rows.length > 0) other.merge(rows.slice(index % rows.length).reverse());
				other.merge([...rows].reverse());
				expect(holds(other, rows)).toEqual(holds(once, rows));
			})
		);
	});

	it('merge in pairs as they do all together', () => {
		const same = fc
			.tuple(row, row, row)
			.map((rows) => rows.map((each) => ({ ...each, kind: 'muted' as const })));
		fc.assert(
			fc.property(same, ([a, b, c]) => {
				if (a === undefined || b === undefined || c === undefined) return;
				const ab = newerMark(a, b);
				expect([ab.value, ab.setAtMs]).toEqual([newerMark(b, a).value, newerMark(b, a).setAtMs]);
				const left = newerMark(ab, c);
				const right = newerMark(a, newerMark(b, c));
				expect([left.value, left.setAtMs]).toEqual([right.value, right.setAtMs]);
			})
		);
	});

	it('hold what was set last here, though the clock went back', () => {
		const table = new MarkTable();
		table.merge([table.rowToSet('pinned', 'a', '', 7, 1_000)]);
		table.merge([table.rowToSet('pinned', 'a', '', 0, 400)]);
		expect(table.value('pinned', 'a')).toBe(0);
	});
});

describe('what is taken away', () => {
	const table = new MarkTable();
	table.merge([
		{ kind: 'cleared', conversation: 'a', message: '', value: 100, setAtMs: 1 },
		{ kind: 'hidden', conversation: 'b', message: 'm', value: 1, setAtMs: 1 }
	]);

	it.each([
		[{ conversation: 'a', id: 'x', time: 100 }, true],
		[{ conversation: 'a', id: 'x', time: 101 }, false],
		[{ conversation: 'b', id: 'm', time: 500 }, true],
		[{ conversation: 'a', id: 'm', time: 500 }, false],
		[{ conversation: 'b', id: 'n', time: 1 }, false]
	])('%j: %s', (message, taken) => {
		expect(table.isTaken(message)).toBe(taken);
	});

	it('is known no more once the conversation is', () => {
		const own = new MarkTable();
		own.merge([{ kind: 'cleared', conversation: 'a', message: '', value: 100, setAtMs: 1 }]);
		own.forget('a');
		expect(own.isTaken({ conversation: 'a', id: 'x', time: 1 })).toBe(false);
	});
});

describe('a mute', () => {
	it.each([
		['2026-03-02T07:59:00', '2026-03-02T08:00:00'],
		['2026-03-02T08:00:00', '2026-03-03T08:00:00'],
		['2026-12-31T23:30:00', '2027-01-01T08:00:00']
	])('until morning, said at %s, ends at %s', (now, end) => {
		expect(muteUntilMs('morning', new Date(now))).toBe(new Date(end).getTime());
	});

	it('ends by itself, unless it is for always', () => {
		const table = new MarkTable();
		table.merge([
			{ kind: 'muted', conversation: 'a', message: '', value: 50, setAtMs: 1 },
			{ kind: 'muted', conversation: 'b', message: '', value: foreverMs, setAtMs: 1 }
		]);
		expect(table.nextUnmuteMs(10)).toBe(50);
		expect(table.nextUnmuteMs(50)).toBeNull();
		expect(table.of('a', 50).mutedUntilMs).toBe(0);
		expect(table.of('b', 50).mutedUntilMs).toBe(foreverMs);
	});
});
