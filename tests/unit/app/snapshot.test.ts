import { describe, expect, test } from 'vitest';
import type { ConversationSummary, TimelineMessage } from '../../../src/lib/app/contract';
import { glanceRow, listKey, listRow, readSnapshot, type Glance } from '../../../src/lib/app/snapshot';
import { SnapshotKeeper, type SnapshotChange } from '../../../src/lib/app/snapshot-keeper';
import { plainlyShown } from '../../../src/lib/store/as-said';
import { ManualTimers } from '../link/manual-timers';

const message = (time: number, text = `text ${time}`): TimelineMessage => ({
	...plainlyShown,
	conversation: 'trip',
	segment: 1,
	lane: 7,
	clock: time,
	id: `id-${time}`,
	time,
	author: 'ada',
	authorName: 'Ada',
	own: true,
	text,
	sentAtMs: time,
	delivery: 'sent'
});

const glance = (...times: readonly number[]): Glance => ({
	members: [{ conversation: 'trip', account: 'ada', name: 'Ada', role: 'owner', left: false, self: true }],
	messages: times.map((time) => message(time)),
	hasOlder: false
});

const summary = (id: string, last: TimelineMessage | null = null): ConversationSummary => ({
	id,
	name: 'Alpine trip',
	createdTime: 1,
	left: false,
	last: last && { ...last, deleted: false, position: { time: last.time, id: last.id } },
	unread: 0,
	mentions: 0,
	readPosition: last && { time: last.time, id: last.id },
	memberCount: 1,
	kind: 'group',
	peer: null
});

/** As the database gives it back. */
const stored = (row: unknown): unknown => structuredClone(row);

function read(rows: readonly (readonly [string, unknown])[], account = 'ada') {
	const faults: string[] = [];
	return { ...readSnapshot(rows, account, (fault) => faults.push(fault)), faults };
}

describe('what was shown last', () => {
	test('comes back as it was', () => {
		const list = [summary('trip', message(2)), summary('empty')];
		const { conversations, glanceById, faults } = read([
			[listKey, stored(listRow('ada', list))],
			['trip', stored(glanceRow('ada', 5, glance(1, 2)))]
		]);
		expect(conversations).toEqual(list);
		expect(glanceById.get('trip')).toEqual(glance(1, 2));
		expect(faults).toEqual([]);
	});

	test('keeps the newest messages, and knows that there are older ones', () => {
		const many = glance(...Array.from({ length: 100 }, (_, index) => index));
		const kept = read([['trip', stored(glanceRow('ada', 5, many))]]).glanceById.get('trip');
		expect(kept?.messages.length).toBe(60);
		expect(kept?.messages.at(-1)?.time).toBe(99);
		expect(kept?.hasOlder).toBe(true);
	});

	test('leaves messages that are very long to the read model', () => {
		const long = { ...glance(), messages: [message(1, 'a'.repeat(70_000)), message(2), message(3)] };
		const kept = read([['trip', stored(glanceRow('ada', 5, long))]]).glanceById.get('trip');
		expect(kept?.messages.map(({ time }) => time)).toEqual([2, 3]);
		expect(kept?.hasOlder).toBe(true);
	});

	test('is ignored if another version or account has written it', () => {
		const row = glanceRow('ada', 5, glance(1)) as object;
		expect(read([['trip', { ...row, version: 0 }]]).faults).toEqual(['snapshot-version']);
		expect(read([['trip', row]], 'bob').faults).toEqual(['snapshot-account']);
		expect(read([['trip', row]], 'bob').glanceById.size).toBe(0);
	});

	test('is ignored if any part of it is not what was written', () => {
		const row = glanceRow('ada', 5, glance(1)) as object;
		const list = listRow('ada', [summary('trip', message(1))]) as object;
		const damaged: readonly (readonly [string, unknown])[] = [
			['trip', null],
			['trip', 'text'],
			['trip', { ...row, messages: undefined }],
			['trip', { ...row, messages: [{ ...message(1), text: 5 }] }],
			['trip', { ...row, messages: [{ ...message(1), time: Number.NaN }] }],
			['trip', { ...row, messages: [{ ...message(1), delivery: 'saving' }] }],
			['trip', { ...row, members: [{}] }],
			['trip', { ...row, atMs: 'now' }],
			['another', row],
			[listKey, { ...list, conversations: [{ ...summary('trip'), readPosition: 7 }] }],
			[listKey, { ...list, conversations: {} }],
			[listKey, row]
		];
		for (const each of damaged) {
			const { conversations, glanceById, faults } = read([each]);
			expect(faults, JSON.stringify(each)).toEqual(['snapshot-damaged']);
			expect(conversations).toBeNull();
			expect(glanceById.size).toBe(0);
		}
	});
});

describe('keeping what is shown', () => {
	function rig(kept: readonly (readonly [string, Glance])[] = []) {
		const timers = new ManualTimers();
		const rows = new Map<string, unknown>();
		const screen = {
			list: [summary('trip')] as readonly ConversationSummary[] | null,
			open: [['trip', glance(1)]] as readonly (readonly [string, Glance])[]
		};
		let writes = 0;
		const keeper = new SnapshotKeeper(
			{ conversations: null, glanceById: new Map(kept) },
			{
				account: 'ada',
				timers,
				list: () => screen.list,
				glances: () => screen.open,
				write: async (change: SnapshotChange) => {
					writes++;
					if (change.clear) rows.clear();
					for (const [key, row] of change.rows) {
						if (row === null) rows.delete(key);
						else rows.set(key, row);
					}
				}
			}
		);
		return { timers, rows, screen, keeper, writes: () => writes };
	}

	test('many changes are one write, and no change is none', async () => {
		const { timers, rows, keeper, writes } = rig();
		for (let change = 0; change < 50; change++) keeper.changed();
		expect(writes()).toBe(0);
		timers.pass(200);
		expect(writes()).toBe(1);
		expect([...rows.keys()].sort()).toEqual(['list', 'trip']);
		keeper.changed();
		timers.pass(1_000);
		expect(writes()).toBe(1);
	});

	test('while changes stream in, they are written once a second', () => {
		const { timers, screen, keeper, writes } = rig();
		for (let passedMs = 0; passedMs < 10_000; passedMs += 100) {
			screen.open = [['trip', glance(passedMs)]];
			keeper.changed();
			timers.pass(100);
		}
		expect(writes()).toBe(10);
	});

	test('what a message says is kept anew when that alone has changed', async () => {
		const { rows, screen, keeper } = rig();
		await keeper.keep();
		const [before] = glance(1).messages;
		if (before === undefined) throw new Error('no message');
		for (const now of [
			{ ...before, text: 'as edited' },
			{ ...before, text: '', deleted: { by: 'ada', atMs: 2 } }
		]) {
			screen.open = [['trip', { ...glance(1), messages: [now] }]];
			await keeper.keep();
			expect(JSON.stringify(rows.get('trip'))).toContain(JSON.stringify(now.text));
			expect(JSON.stringify(rows.get('trip'))).not.toContain(before.text);
		}
	});

	test('nothing is kept before the read model has been asked', async () => {
		const { screen, keeper, writes } = rig();
		screen.list = null;
		await keeper.keep();
		expect(writes()).toBe(0);
	});

	test('the conversations shown last are kept, the others go', async () => {
		const kept = ['a', 'b', 'c', 'd'].map((id) => [id, glance(1)] as const);
		const { rows, keeper } = rig(kept);
		for (const [id] of kept) rows.set(id, 'as written before');
		await keeper.keep();
		expect([...rows.keys()].sort()).toEqual(['b', 'c', 'd', 'list', 'trip']);
	});

	test('a conversation that has gone on since is not shown as it was', () => {
		const { keeper } = rig([['trip', glance(1, 2)]]);
		expect(keeper.glance('trip', { time: 2, id: 'id-2' })).toEqual(glance(1, 2));
		expect(keeper.glance('trip', { time: 3, id: 'id-3' })).toBeUndefined();
		expect(keeper.glance('other', undefined)).toBeUndefined();
	});

	test('what is withdrawn is gone at once, also from the list', async () => {
		const { rows, keeper } = rig();
		await keeper.keep();
		await keeper.drop('trip');
		expect([...rows.keys()]).toEqual([]);
		expect(keeper.glance('trip', { time: 1, id: 'id-1' })).toBeUndefined();
	});

	test('when the read model is made anew, nothing stays', async () => {
		const { rows, keeper } = rig([['other', glance(1)]]);
		rows.set('other', 'as written before');
		await keeper.keep();
		await keeper.clear();
		expect([...rows.keys()]).toEqual([]);
	});

	test('a tab that is no longer the active one writes nothing', async () => {
		const { timers, keeper, writes } = rig();
		keeper.changed();
		keeper.close();
		timers.pass(5_000);
		await keeper.keep();
		expect(writes()).toBe(0);
	});
});
