import { expect, test } from 'vitest';
import { memoryHome } from '../../../src/lib/store/memory-home';
import type { SqlDriver, SqlRow, SqlValue } from '../../../src/lib/store/sql-driver';
import { loadSqlite } from '../../../src/lib/store/sqlite-module';
import { SqliteStore } from '../../../src/lib/store/sqlite-store';
import { ok } from '../../../src/lib/protocol/result';
import { conversation, copyOf, deleted, edit, member, message, pin, react } from './store-rows';

test('no query reads a whole table of messages, nor sorts one', async () => {
	const home = memoryHome(await loadSqlite());
	const seen = new Map<string, readonly SqlValue[]>();
	let real: SqlDriver | undefined;
	const spying = {
		...home,
		open: () => {
			const driver = home.open();
			real = driver;
			return spyOn(driver, seen);
		}
	};
	const store = new SqliteStore({
		openHome: async () => ok(spying),
		openMemory: async () => home,
		schedule: (task) => void setImmediate(task)
	});
	await store.open();
	const position = { time: message(5).time, id: message(5).id };
	const dueTime = message(1000).time;
	await store.apply({
		conversations: [conversation('c1')],
		members: [member('bob')],
		messages: [message(1), message(2)]
	});
	seen.clear();
	await store.apply({
		messages: [message(1, { text: 'edited' }), message(3)],
		withdrawn: [{ conversation: 'c1', id: message(2).id }]
	});
	await store.conversations(dueTime);
	await store.markRead('c1', position);
	await store.conversations(dueTime);
	for (const at of ['before', 'after', 'around'] as const)
		await store.page({ conversation: 'c1', anchor: { at, position }, limit: 5, dueTime });
	await store.page({ conversation: 'c1', anchor: { at: 'newest' }, limit: 5, dueTime });
	await store.search({ text: 'message num', limit: 5, dueTime });
	await store.search({ text: 'message', conversation: 'c1', limit: 5, dueTime });
	const ids = [message(1).id, message(3).id];
	const thread = message(1).id;
	await store.apply({
		acts: [react(20, 1, '👍'), react(21, 1, '👍', false), pin(22, 3), edit(23, 3, 'anew')],
		deleted: [deleted(2)],
		again: [copyOf(1, 'copy')],
		messages: [message(7, { thread, reply: message(3).id })]
	});
	await store.page({ conversation: 'c1', thread, anchor: { at: 'around', position }, limit: 5, dueTime });
	await store.messages({ conversation: 'c1', ids, dueTime });
	await store.versions({ conversation: 'c1', id: message(3).id });
	await store.entries({ conversation: 'c1', id: message(3).id });
	await store.pinned({ conversation: 'c1', dueTime });
	await store.placeAt({ conversation: 'c1', time: position.time, dueTime });
	await store.links({ conversation: 'c1', before: position, limit: 5, dueTime });
	await store.search({ text: '', has: 'link', limit: 5, dueTime });
	await store.search({
		text: 'mess',
		from: 'bob',
		since: 1,
		before: dueTime,
		after: position,
		limit: 5,
		dueTime
	});
	await store.expired({ nowMs: 1, limit: 5 });
	await store.nextExpiry();
	await store.markRead('c1', position, thread);
	await store.apply({ erased: [{ conversation: 'c1', id: message(7).id }] });
	await store.apply({ messages: Array.from({ length: 100 }, (_, index) => message(index)) });
	await store.settled();
	await store.forget('c1');

	const planned = [...seen].filter(([sql]) => /^\s*(select|update|delete|insert)/.test(sql));
	expect(planned.length).toBeGreaterThan(70);
	const plans = planned.map(([sql, params]) => ({
		sql,
		steps: (real?.rows(`explain query plan ${sql}`, params) ?? []).map((row: SqlRow) => String(row[3]))
	}));
	const slow = plans.flatMap(({ sql, steps }) =>
		steps
			.filter((step) => /SCAN (message|m|act|gone)\b(?! USING INTEGER)|TEMP B-TREE/.test(step))
			.map((step) => `${step} in ${sql}`)
	);
	// The order of a member list is not that of its key; whether there is anything at all shows in the first row.
	const wanted = ['from member m', 'select 1 from gone limit 1'];
	expect(slow.filter((step) => !wanted.some((sql) => step.includes(sql)))).toEqual([]);
	const byId = plans.filter(({ sql }) => /from message m?\b.*id_hash = \?/s.test(sql));
	expect(byId.length).toBeGreaterThan(2);
	for (const { steps } of byId)
		expect(steps.filter((step) => /message| m /.test(step))).toEqual([
			expect.stringMatching(/^SEARCH (m|message) USING INDEX message_by_id \(id_hash=\?\)$/)
		]);
	const ofTimeline = plans.filter(({ sql }) =>
		/from message m.*thread_hash is null.*order by m.time/s.test(sql)
	);
	expect(ofTimeline.length).toBeGreaterThan(2);
	for (const { steps } of ofTimeline) expect(steps.join()).toContain('USING INDEX message_by_time');
	await store.close();
});

function spyOn(driver: SqlDriver, seen: Map<string, readonly SqlValue[]>): SqlDriver {
	const note = (sql: string, params: readonly SqlValue[] = []) => seen.set(sql, params);
	return {
		run: (sql, params) => (note(sql, params), driver.run(sql, params)),
		rows: (sql, params) => (note(sql, params), driver.rows(sql, params)),
		each: (sql, params, visit) => (note(sql, params), driver.each(sql, params, visit)),
		changes: () => driver.changes(),
		transaction: (work) => driver.transaction(work),
		script: (sql) => driver.script(sql),
		close: () => driver.close()
	};
}
