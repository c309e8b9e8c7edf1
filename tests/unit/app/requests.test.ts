import { describe, expect, it } from 'vitest';
import { judgeRequest, type RequestCircumstances } from '../../../src/lib/app/contacts/request-rules';
import { InboxWatch } from '../../../src/lib/app/contacts/inbox-watch';
import { Outbox } from '../../../src/lib/app/contacts/outbox';
import { newContact, type IntroductionRow, type RequestRow } from '../../../src/lib/identity/contacts';
import type { InboxItem } from '../../../src/lib/protocol/inbox';
import { fail, ok, type Result } from '../../../src/lib/protocol/result';
import type { InboxState, LeaveFailure, OwnerFailure } from '../../../src/lib/replicas/inbox';
import { ManualTimers } from '../link/manual-timers';

const stranger: RequestCircumstances = {
	self: false,
	contact: undefined,
	before: undefined,
	reach: 'link',
	sharesGroup: false
};
const before = (state: RequestRow['state'], atMs: number): RequestRow => ({
	account: 'bob',
	certificate: {
		account: new Uint8Array(32),
		device: new Uint8Array(32),
		agreement: new Uint8Array(32),
		deviceNumber: 1,
		deviceSignature: new Uint8Array(64)
	},
	name: 'Bob',
	text: '',
	atMs,
	state
});

describe('an introduction', () => {
	it('of a stranger waits as a request', () => {
		expect(judgeRequest(10, stranger)).toBe('ask');
	});

	it('of somebody with whom one writes already asks nothing, whoever may reach one', () => {
		const contact = { ...newContact('bob'), conversation: 'direct' };
		expect(judgeRequest(10, { ...stranger, contact, reach: 'contacts-of-contacts' })).toBe('known');
	});

	it('of somebody who is blocked, or of oneself, is deleted', () => {
		const contact = { ...newContact('bob'), conversation: 'direct', blocked: true };
		expect(judgeRequest(10, { ...stranger, contact })).toBe('blocked');
		expect(judgeRequest(10, { ...stranger, self: true })).toBe('self');
	});

	it('reaches this person as far as they want', () => {
		expect(judgeRequest(10, { ...stranger, reach: 'nobody', sharesGroup: true })).toBe('out-of-reach');
		expect(judgeRequest(10, { ...stranger, reach: 'contacts-of-contacts' })).toBe('out-of-reach');
		expect(judgeRequest(10, { ...stranger, reach: 'contacts-of-contacts', sharesGroup: true })).toBe('ask');
	});

	it('that comes again changes nothing, declined or not; what is newer does', () => {
		for (const state of ['waiting', 'declined'] as const) {
			expect(judgeRequest(10, { ...stranger, before: before(state, 10) })).toBe('seen-before');
			expect(judgeRequest(11, { ...stranger, before: before(state, 10) })).toBe('ask');
		}
	});
});

/** Lets everything that does not wait for time go on. */
const settle = async (): Promise<void> => {
	for (let i = 0; i < 50; i++) await Promise.resolve();
};

describe('an inbox that is watched', () => {
	class FakeInbox {
		items = new Map<string, Uint8Array>();
		failing: OwnerFailure | null = null;
		lists = 0;
		fetched: string[] = [];
		#tag = 0;
		#waiting: (() => void)[] = [];

		leave(id: string): void {
			this.items.set(id, new TextEncoder().encode(id));
			this.#touch();
		}
		async list(
			known?: InboxState,
			_wait = 0,
			signal?: AbortSignal
		): Promise<Result<InboxState, OwnerFailure>> {
			this.lists++;
			if (this.failing !== null) return fail(this.failing);
			if (known?.tag === String(this.#tag))
				await new Promise<void>((resolve) => {
					this.#waiting.push(resolve);
					signal?.addEventListener('abort', () => resolve());
				});
			const items = [...this.items].map(([id, bytes]): InboxItem => ({
				id: new TextEncoder().encode(id),
				bytes: bytes.length,
				receivedSeconds: 1,
				expiresSeconds: 2
			}));
			return ok({ items, tag: String(this.#tag) });
		}
		async fetch(id: Uint8Array): Promise<Result<Uint8Array | null, OwnerFailure>> {
			const name = new TextDecoder().decode(id);
			this.fetched.push(name);
			return ok(this.items.get(name) ?? null);
		}
		async delete(id: Uint8Array): Promise<Result<boolean, OwnerFailure>> {
			const had = this.items.delete(new TextDecoder().decode(id));
			this.#touch();
			return ok(had);
		}
		#touch(): void {
			this.#tag++;
			for (const go of this.#waiting.splice(0)) go();
		}
	}

	function watched(options: { wanted?: boolean; keeps?: () => boolean } = {}) {
		const [inbox, timers] = [new FakeInbox(), new ManualTimers()];
		const taken: string[] = [];
		const failures: string[] = [];
		const watch = new InboxWatch({
			inbox,
			timers,
			random: () => 0.5,
			wanted: () => options.wanted ?? true,
			take: async (item) => {
				taken.push(new TextDecoder().decode(item));
				return options.keeps?.() ?? true;
			},
			failed: (reason) => void failures.push(reason)
		});
		return { inbox, timers, taken, failures, watch };
	}

	it('is emptied of what is taken, and waited for more', async () => {
		const { inbox, taken, watch } = watched();
		inbox.leave('one');
		await settle();
		inbox.leave('two');
		await settle();
		expect(taken).toEqual(['one', 'two']);
		expect(inbox.items.size).toBe(0);
		await watch.stop();
	});

	it('is emptied unread while nobody may write', async () => {
		const { inbox, taken, watch } = watched({ wanted: false });
		inbox.leave('one');
		await settle();
		expect([taken, inbox.fetched, inbox.items.size]).toEqual([[], [], 0]);
		await watch.stop();
	});

	it('keeps what could not be saved here, and asks for it again later, not at once', async () => {
		let keeps = false;
		const { inbox, taken, timers, watch } = watched({ keeps: () => keeps });
		inbox.leave('one');
		await settle();
		expect(inbox.items.size).toBe(1);
		const { lists } = inbox;
		await settle();
		expect(inbox.lists).toBe(lists);
		keeps = true;
		timers.pass(3_000);
		await settle();
		expect([taken, inbox.items.size]).toEqual([['one', 'one'], 0]);
		await watch.stop();
	});

	it('is asked more and more rarely without a relay, and at once when the network is back', async () => {
		const { inbox, timers, failures, watch } = watched();
		await settle();
		inbox.failing = 'unreachable';
		inbox.leave('one');
		await settle();
		for (let i = 0; i < 10; i++) {
			timers.pass(timers.nextInMs);
			await settle();
		}
		expect(timers.nextInMs).toBe(60_000);
		inbox.failing = null;
		watch.wake();
		await settle();
		expect(inbox.items.size).toBe(0);
		expect(failures.length).toBeGreaterThan(5);
		await watch.stop();
	});
});

describe('an introduction on its way', () => {
	function outbox(leave: (row: IntroductionRow) => Result<number, LeaveFailure>) {
		const timers = new ManualTimers();
		let rows: readonly IntroductionRow[] = [
			{ conversation: 'direct', topic: new Uint8Array(32), sealed: new Uint8Array(9), keptUntilMs: null }
		];
		let [tries, knocks] = [0, 0];
		const box = new Outbox({
			timers,
			random: () => 0.5,
			rows: async () => rows,
			leave: async (row) => {
				tries++;
				return leave(row);
			},
			left: async (row, keptUntilMs) => void (rows = [{ ...row, keptUntilMs }]),
			failed: () => undefined,
			knock: () => void knocks++
		});
		return { box, timers, tries: () => tries, knocks: () => knocks, answered: () => void (rows = []) };
	}

	it('is tried until a relay has it, and left again when the relay has given it up', async () => {
		let away = true;
		const { box, timers, tries, knocks, answered } = outbox(() =>
			away ? fail('unreachable') : ok(timers.now() + 3_600_000)
		);
		box.wake();
		await settle();
		timers.pass(2_000);
		await settle();
		timers.pass(4_000);
		await settle();
		expect(tries()).toBe(3);
		away = false;
		box.wake();
		await settle();
		timers.pass(3_599_000);
		await settle();
		// At the door of the link it is said only when the relay does not take it.
		expect([tries(), knocks()]).toEqual([4, 3]);
		timers.pass(1_000);
		await settle();
		expect(tries()).toBe(5);
		answered();
		timers.pass(24 * 3_600_000);
		await settle();
		expect([tries(), timers.waiting]).toEqual([5, 0]);
		await box.close();
	});

	it('does not hammer a relay that keeps things for no time', async () => {
		const { box, timers, tries } = outbox(() => ok(timers.now()));
		box.wake();
		await settle();
		expect([tries(), timers.nextInMs]).toEqual([1, 2_000]);
		await box.close();
	});
});
