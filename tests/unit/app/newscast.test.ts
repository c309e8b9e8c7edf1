import { describe, expect, it } from 'vitest';
import type { AttentionListener, News } from '../../../src/lib/app/attention-contract';
import { Newscast } from '../../../src/lib/app/attention/newscast';
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import { asSaid, plainlySaid } from '../../../src/lib/store/as-said';
import type { MessageRow } from '../../../src/lib/store/types';

const startMs = 1_800_000_000_000;
const minuteMs = 60_000;

function message(sentAtMs: number, more: Partial<MessageRow> = {}): MessageRow {
	const place = { conversation: 'c', segment: 1, lane: 1, clock: 1, id: `id-${sentAtMs}` };
	const said = {
		...plainlySaid,
		...place,
		time: hlcOfMs(sentAtMs),
		author: 'bob',
		own: false,
		sentAtMs,
		text: 'hi'
	};
	return { ...asSaid(said), ...more };
}

interface World {
	readonly blocked?: string;
	readonly taken?: string;
	readonly readMs?: number;
}

/** A newscast that nobody listens to yet. */
function unheard(world: World = {}) {
	let nowMs = startMs;
	const newscast = new Newscast({
		nowMs: () => nowMs,
		isBlocked: (account) => account === world.blocked,
		isTaken: ({ id }) => id === world.taken,
		readPosition: () => (world.readMs === undefined ? null : { time: hlcOfMs(world.readMs), id: 'z' }),
		nameOf: ({ author }) => Promise.resolve(author.toUpperCase())
	});
	const at = (laterMs: number): Newscast => {
		nowMs = startMs + laterMs;
		return newscast;
	};
	return { newscast, at };
}

/** A newscast whose clock stands at `nowMs`, and what it has told. */
function listening(world: World = {}) {
	const told: News[] = [];
	const { newscast, at } = unheard(world);
	const stop = newscast.listen({ said: (news) => told.push(...news), asked: () => undefined });
	return { told, at, stop };
}

describe('news', () => {
	it('are what is said while one listens, once each', async () => {
		const { told, at, stop } = listening();
		const said = message(startMs + minuteMs, { mentionsMe: true });
		await at(minuteMs).stored([said]);
		await at(minuteMs).stored([said]);
		expect(told).toEqual([
			{ conversation: 'c', id: said.id, author: 'bob', authorName: 'BOB', text: 'hi', mentioned: true }
		]);
		stop();
		await at(2 * minuteMs).stored([message(startMs + 2 * minuteMs)]);
		expect(told).toHaveLength(1);
	});

	const later = startMs + 30 * minuteMs;
	it.each<[string, number, MessageRow, Parameters<typeof listening>[0]?]>([
		['what is said before a start, and comes with it', 5_000, message(startMs - minuteMs)],
		['history that comes later', 30 * minuteMs, message(startMs - 30 * minuteMs)],
		['one’s own', 30 * minuteMs, message(later, { own: true })],
		['what a blocked person says', 30 * minuteMs, message(later), { blocked: 'bob' }],
		['what was taken away', 30 * minuteMs, message(later), { taken: `id-${later}` }],
		['what has been read', 30 * minuteMs, message(later), { readMs: later + 1 }],
		['what stands in the future', 30 * minuteMs, message(later + 20 * minuteMs)]
	])('are not %s', async (_, laterMs, row, world = {}) => {
		const { told, at } = listening(world);
		await at(laterMs).stored([row]);
		expect(told).toEqual([]);
	});

	it('wait for the first who listens, and for nobody after', async () => {
		const { newscast, at } = unheard();
		const told: string[] = [];
		const listener: AttentionListener = {
			said: (news) => told.push(...news.map(({ text }) => text)),
			asked: ({ name, text }) => told.push(`${name}: ${text}`)
		};
		await at(minuteMs).stored([message(startMs + minuteMs)]);
		newscast.asked({ name: 'Cleo', text: 'hello' });
		const stop = newscast.listen(listener);
		expect(told).toEqual(['hi', 'Cleo: hello']);
		stop();
		await at(2 * minuteMs).stored([message(startMs + 2 * minuteMs)]);
		newscast.listen(listener);
		expect(told).toHaveLength(2);
	});

	it('may come from a clock that is some minutes slow', async () => {
		const { told, at } = listening();
		await at(minuteMs).stored([message(startMs - 5 * minuteMs)]);
		expect(told).toHaveLength(1);
	});
});
