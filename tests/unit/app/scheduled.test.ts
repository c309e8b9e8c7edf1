import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../../src/lib/app/contract';
import { Scheduled } from '../../../src/lib/app/scheduled/scheduled.svelte';
import { DeviceDatabase } from '../../../src/lib/identity/device-database';
import type { ScheduledRow } from '../../../src/lib/identity/scheduled';
import { fail, ok, type Result } from '../../../src/lib/protocol/result';
import { ManualTimers } from '../link/manual-timers';

const minuteMs = 60_000;
const open: DeviceDatabase[] = [];
let databases = 0;

afterEach(() => {
	for (const database of open.splice(0)) database.close();
});

async function newDatabase(name = `scheduled-${(databases += 1)}`): Promise<DeviceDatabase> {
	const database = await DeviceDatabase.open(`token-${name}-${Math.random()}`, () => undefined, name);
	open.push(database);
	return database;
}

/** An app on a database: what it says, and when its clock goes. */
class Desk {
	readonly timers = new ManualTimers();
	readonly said: string[] = [];
	readonly notes: string[] = [];
	answer: (row: ScheduledRow) => Promise<Result<void, Problem>> = () => Promise.resolve(ok(undefined));
	readonly scheduled: Scheduled;
	#ids = 0;

	constructor(readonly database: DeviceDatabase) {
		this.scheduled = new Scheduled({
			timers: this.timers,
			database: () => database,
			newId: () => `id-${(this.#ids += 1)}`,
			say: (row) => {
				this.said.push(row.text);
				return this.answer(row);
			},
			note: (text) => void this.notes.push(text)
		});
	}

	in(minutes: number, text: string): Promise<Result<void, Problem>> {
		return this.scheduled.add({
			conversation: 'c',
			text,
			mentions: [],
			mentionsEveryone: false,
			dueAtMs: this.timers.now() + minutes * minuteMs
		});
	}

	/** Lets minutes pass, one half after the other, with what they bring; ends when something holds. */
	async until(isSo: () => boolean, minutes: number): Promise<void> {
		const endMs = this.timers.now() + minutes * minuteMs;
		await expect
			.poll(
				() => {
					if (this.timers.now() < endMs) this.timers.pass(minuteMs / 2);
					return isSo();
				},
				{ timeout: 10_000, interval: 5 }
			)
			.toBe(true);
	}

	/** Lets minutes pass, with what they bring. */
	pass(minutes: number): Promise<void> {
		const endMs = this.timers.now() + minutes * minuteMs;
		return this.until(() => this.timers.now() >= endMs, minutes);
	}
}

describe('messages for later', () => {
	it('are said when they are due, in their order, and are gone then', async () => {
		const desk = new Desk(await newDatabase());
		await desk.scheduled.start();
		await desk.in(60, 'second');
		await desk.in(30, 'first');
		expect(desk.scheduled.messages.map(({ text }) => text)).toEqual(['first', 'second']);
		await desk.pass(29);
		expect(desk.said).toEqual([]);
		await desk.until(() => desk.scheduled.messages.length === 1, 2);
		expect(desk.said).toEqual(['first']);
		await desk.until(() => desk.scheduled.messages.length === 0, 31);
		expect(desk.said).toEqual(['first', 'second']);
		expect(await desk.database.db.getAll('scheduled')).toEqual([]);
	});

	it('are said late after the app was closed', async () => {
		const database = await newDatabase();
		const before = new Desk(database);
		await before.scheduled.start();
		await before.in(1, 'while closed');
		before.scheduled.stop();
		await before.pass(5);
		expect(before.said).toEqual([]);
		const after = new Desk(database);
		await after.pass(5);
		await after.scheduled.start();
		await after.until(() => after.said.length === 1, 1);
		await expect.poll(() => after.scheduled.messages).toEqual([]);
	});

	it('are never said twice: what was under way when the app went is left to the person', async () => {
		const database = await newDatabase();
		const before = new Desk(database);
		before.answer = () => new Promise(() => undefined);
		await before.scheduled.start();
		await before.in(1, 'under way');
		await before.until(() => before.said.length === 1, 2);
		expect(before.scheduled.messages[0]?.state).toBe('sending');
		expect(await before.scheduled.cancel('id-1')).toEqual(ok(''));
		const after = new Desk(database);
		await after.scheduled.start();
		await after.pass(60);
		expect(after.scheduled.messages[0]?.state).toBe('unsure');
		expect(after.said).toEqual([]);
		expect(await after.scheduled.sendNow('id-1')).toEqual(ok(undefined));
		expect(after.said).toEqual(['under way']);
	});

	it('that are refused say why, and wait for another try', async () => {
		const desk = new Desk(await newDatabase());
		desk.answer = () => Promise.resolve(fail({ code: 'may-not-post' }));
		await desk.scheduled.start();
		await desk.in(1, 'quiet');
		await desk.until(() => desk.scheduled.messages[0]?.state === 'refused', 2);
		expect(desk.scheduled.messages[0]?.problem).toEqual({ code: 'may-not-post' });
		await desk.pass(60);
		expect(desk.said).toHaveLength(1);
		desk.answer = () => Promise.resolve(ok(undefined));
		await desk.scheduled.postpone('id-1', desk.timers.now() + minuteMs);
		await desk.until(() => desk.scheduled.messages.length === 0, 2);
		expect(desk.said).toHaveLength(2);
		expect(desk.notes).toEqual([]);
	});

	it('can be taken back, and empty ones are none', async () => {
		const desk = new Desk(await newDatabase());
		await desk.scheduled.start();
		expect(await desk.in(1, '  ')).toEqual(fail({ code: 'text-empty' }));
		await desk.in(1, 'rather not');
		expect(await desk.scheduled.cancel('id-1')).toEqual(ok('rather not'));
		expect(await desk.scheduled.cancel('id-1')).toEqual(ok(''));
		await desk.pass(5);
		expect(desk.said).toEqual([]);
	});
});
