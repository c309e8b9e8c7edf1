import { describe, expect, it } from 'vitest';
import { Expiry } from '../../../src/lib/app/marks/expiry';
import { asSaid } from '../../../src/lib/store/as-said';
import type { SaidMessage } from '../../../src/lib/store/types';
import { ManualTimers } from '../link/manual-timers';
import { message } from '../store/store-rows';
import { memoryStore } from '../store/memory-store';

async function withStore(timers: ManualTimers, messages: readonly SaidMessage[]) {
	const store = memoryStore();
	await store.open();
	await store.apply({ conversations: [{ id: 'c1', name: 'c1', createdTime: 0, left: false }], messages });
	const gone: string[] = [];
	const own: string[] = [];
	const expiry = new Expiry({
		timers,
		store: () => store,
		withdrawing: () => Promise.resolve(),
		withdrawn: (_, ids) => void gone.push(...ids),
		ownGone: async (_, entries) => void own.push(...entries.map(({ id }) => id)),
		failed: (error) => {
			throw error;
		}
	});
	return { store, expiry, gone, own };
}

describe('what was said for a time', () => {
	it('goes when its time is over, and what has run out before at once', async () => {
		const timers = new ManualTimers();
		const rows = [0, 1, 2, 3].map((index) =>
			message(index, { expiresAtMs: index === 3 ? null : timers.now() + 1_000 * index })
		);
		const { store, expiry, gone, own } = await withStore(timers, rows);
		await expiry.look();
		expect(gone).toEqual([rows[0]?.id]);
		expect(own).toEqual([rows[0]?.id]);
		timers.pass(999);
		await expiry.look();
		expect(gone).toHaveLength(1);
		timers.pass(1);
		await expiry.look();
		timers.pass(1_000);
		await expiry.look();
		expect(gone).toEqual([rows[0], rows[1], rows[2]].map((row) => row?.id));
		expect((await store.stats()).messages).toBe(1);
		// The documents bring it once more.
		await store.apply({ messages: rows });
		expect((await store.stats()).messages).toBe(1);
	});

	it('rings for what is said later and goes sooner', async () => {
		const timers = new ManualTimers();
		const late = message(0, { expiresAtMs: timers.now() + 60_000 });
		const soon = message(1, { expiresAtMs: timers.now() + 5_000 });
		const { store, expiry, gone } = await withStore(timers, [late]);
		await expiry.look();
		await store.apply({ messages: [soon] });
		expiry.stored([asSaid(soon)]);
		timers.pass(5_000);
		await expiry.look();
		expect(gone).toEqual([soon.id]);
	});

	it('takes more than one round where much has run out', async () => {
		const timers = new ManualTimers();
		const rows = Array.from({ length: 450 }, (_, index) => message(index, { expiresAtMs: timers.now() }));
		const { store, expiry, gone } = await withStore(timers, rows);
		await expiry.look();
		expect(gone).toHaveLength(450);
		expect((await store.stats()).messages).toBe(0);
	});
});
