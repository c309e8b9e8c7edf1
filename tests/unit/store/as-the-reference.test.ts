/** The read model shows what follows from the rows, whatever their order, batches, repetition and forks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actRow, againRow, messageRow } from '../../../src/lib/app/said-rows';
import type { ProjectedAct, ProjectedDeletion, ProjectedMessage } from '../../../src/lib/conversation/ports';
import type { ProjectionBatch, Store } from '../../../src/lib/store/types';
import { memoryStore } from './memory-store';
import { seenIn, type Rows, type Seen } from './reference-fold';
import { farFuture } from './store-case';
import { conversation } from './store-rows';
import { propertyRuns } from '../../property-runs';

const to = { conversation: 'c1', account: 'anna' };
const accounts = ['anna', 'ben', 'cleo'];
const word = 'ape';
const readTime = 4;

/** What one entry says: a message, an act, or a copy, which is both unless another copy is shown. */
interface Entry {
	readonly lane: number;
	readonly clock: number;
	readonly message: ProjectedMessage | null;
	readonly act: ProjectedAct | null;
}
interface History {
	readonly entries: readonly Entry[];
	readonly deletions: readonly ProjectedDeletion[];
}

const plain = {
	...{ reply: null, thread: null, mentions: [], mentionsEveryone: false, forwarded: false },
	...{ poll: null, expiresAfterS: null, origin: null }
};
/** m0 to m3 are messages, s0 and s1 stand in threads, x and y died with forked lanes. */
const copies = [
	{ id: 'ax', account: 'anna', origin: 'x', isShown: true },
	{ id: 'bx', account: 'anna', origin: 'x', isShown: false },
	{ id: 'ay', account: 'ben', origin: 'y', isShown: true },
	// Nobody says again what somebody else has said.
	{ id: 'false', account: 'cleo', origin: 'm0', isShown: true }
];
const said = ['m0', 'm1', 'm2', 'm3', ...copies.map(({ id }) => id), 'x', 'y', 'nothing'];
const text = fc.constantFrom('ape one', 'bee two', 'ape bee', 'cat');
const time = fc.integer({ min: 1, max: 9 });
const poll = fc.option(fc.record({ options: fc.constant(['a', 'b']), several: fc.boolean() }));
const content = fc.record({ text, time, poll, reply: fc.option(fc.constantFrom(...said)) });

const messages = fc
	.tuple(
		...['m0', 'm1', 'm2', 'm3'].map((id, i) =>
			content.map((more) => ({ ...plain, ...more, id, account: accounts[i % 3] ?? '' }))
		),
		...copies.map(({ id, account, origin }) =>
			content.map((more) => ({ ...plain, ...more, id, account, origin }))
		),
		...['s0', 's1', 's2'].map((id, i) =>
			fc
				.record({ text, time, thread: fc.constantFrom(...said) })
				.map((more) => ({ ...plain, ...more, id, account: accounts[i % 3] ?? '' }))
		)
	)
	.chain((all) => fc.shuffledSubarray(all, { minLength: 5 }));

const act = fc.record({
	account: fc.constantFrom(...accounts),
	time,
	target: fc.constantFrom(...said),
	what: fc.oneof(
		fc.record({ kind: fc.constant('edit' as const), text, mentions: fc.constant([]) }),
		fc.record({ kind: fc.constant('reaction' as const), emoji: fc.constantFrom('+', '-'), on: fc.boolean() }),
		fc.record({ kind: fc.constant('pin' as const), on: fc.boolean() }),
		fc.record({ kind: fc.constant('vote' as const), choices: fc.subarray([0, 1, 2]) })
	)
});

const history: fc.Arbitrary<History> = fc
	.record({
		messages,
		acts: fc.array(act, { maxLength: 16 }),
		named: fc.array(
			fc.record({
				id: fc.oneof(
					fc.constantFrom(...said),
					fc.nat(15).map((i) => `act${i}`)
				),
				author: fc.constantFrom(...accounts)
			}),
			{ maxLength: 5 }
		)
	})
	.map((made) => {
		const clockByAccount = new Map<string, number>();
		const placed = (id: string, account: string, at: number) => {
			const clock = (clockByAccount.get(account) ?? 0) + 1;
			clockByAccount.set(account, clock);
			const lane = accounts.indexOf(account) + 1;
			return { segment: 1, lane, clock, id, account, hlc: at * 1024, time: at };
		};
		const ofMessages = made.messages.map((message): Entry => {
			const place = placed(message.id, message.account, message.time);
			const copy = copies.find(({ id }) => id === message.id);
			const isLoser = copy?.isShown === false;
			const again = copy && { ...place, kind: 'again' as const, target: copy.origin };
			return { ...place, message: isLoser ? null : { ...message, ...place }, act: again ?? null };
		});
		const ofActs = made.acts.map(({ account, time: at, target, what }, i): Entry => {
			const place = placed(`act${i}`, account, at);
			return { ...place, message: null, act: { ...place, target, ...what } };
		});
		const deletions = made.named.map((named, i) => ({
			...named,
			...{ segment: 1, lane: 1, clock: 1, by: named.author, hlc: i * 1024 }
		}));
		return { entries: [...ofMessages, ...ofActs], deletions };
	});

type Step =
	| { readonly entries: readonly Entry[]; readonly deletions: readonly ProjectedDeletion[] }
	| { readonly lane: number; readonly from: number };

/** All of it, some twice, in any order and any batches; lanes are taken back from a clock on and told again. */
const arrivals = history.chain((all) =>
	fc
		.record({
			entries: fc.shuffledSubarray([...all.entries, ...all.entries.slice(0, 4)], {
				minLength: all.entries.length + Math.min(4, all.entries.length)
			}),
			deletions: fc.shuffledSubarray([...all.deletions], { minLength: all.deletions.length }),
			sizes: fc.array(fc.record({ entries: fc.integer({ min: 0, max: 9 }), deletions: fc.nat(2) }), {
				minLength: 1,
				maxLength: 6
			}),
			retracted: fc.option(
				fc.record({ after: fc.nat(5), lane: fc.integer({ min: 1, max: 3 }), from: fc.nat(6) })
			)
		})
		.map(({ entries, deletions, sizes, retracted }) => {
			const steps: Step[] = [];
			const left = { entries: [...entries], deletions: [...deletions] };
			for (const [i, size] of sizes.entries()) {
				const isLast = i === sizes.length - 1;
				steps.push({
					entries: left.entries.splice(0, isLast ? Infinity : size.entries),
					deletions: left.deletions.splice(0, isLast ? Infinity : size.deletions)
				});
				if (retracted?.after === i) steps.push(retracted);
			}
			if (retracted !== null) steps.push({ entries, deletions: [] });
			return { all, steps };
		})
);

function batchOf(step: Step): ProjectionBatch {
	if ('lane' in step)
		return { retracted: [{ conversation: 'c1', segment: 1, lane: step.lane, next: step.from }] };
	return {
		messages: step.entries.flatMap(({ message }) => (message === null ? [] : [messageRow(message, to)])),
		acts: step.entries.flatMap((entry) => (entry.act === null ? [] : (actRow(entry.act, to) ?? []))),
		again: step.entries.flatMap((entry) => (entry.act === null ? [] : (againRow(entry.act, to) ?? []))),
		deleted: step.deletions.map(({ hlc, ...named }) => ({ conversation: 'c1', ...named, atMs: hlc }))
	};
}

async function look(store: Store): Promise<Seen> {
	await store.settled();
	const of = { conversation: 'c1', dueTime: farFuture } as const;
	const { messages: rows } = await store.page({ ...of, anchor: { at: 'newest' }, limit: 50 });
	const timeline = [];
	const threads = [];
	for (const { id, text: shown, reactions, pinned, poll: asked, replies, reply, deleted } of rows) {
		timeline.push({
			id,
			text: shown,
			wordings: (await store.versions({ ...of, id })).map((version) => version.text),
			deleted: deleted !== null,
			reactions: reactions.map(({ emoji, accounts: by }) => `${emoji} ${by.join()}`),
			pinned,
			votes: asked?.votes ?? [],
			replies: replies?.count ?? 0,
			quoted: reply === null ? undefined : reply.position === null ? null : reply.text
		});
		const page = await store.page({ ...of, thread: id, anchor: { at: 'newest' }, limit: 50 });
		threads.push(page.messages.map((message) => message.id));
	}
	const [summary] = await store.conversations(farFuture);
	return {
		timeline,
		threads,
		pinned: (await store.pinned(of)).map(({ id }) => id).sort(),
		unread: summary?.unread ?? -1,
		hits: (await store.search({ text: word, limit: 50, dueTime: farFuture }))
			.map((hit) => hit.message.id)
			.sort(),
		late: (await store.lateWords(of)).map(({ id }) => id).sort()
	};
}

const rowsOf = ({ entries, deletions }: History): Rows => ({
	messages: entries.flatMap(({ message }) => message ?? []),
	acts: entries.flatMap((entry) => entry.act ?? []),
	deletions
});

test('the read model shows what the reference does', { timeout: 240_000 }, async () => {
	await fc.assert(
		fc.asyncProperty(arrivals, async ({ all, steps }) => {
			const store = memoryStore();
			await store.open();
			await store.apply({ conversations: [conversation('c1')] });
			await store.markRead('c1', { time: readTime, id: '~' });
			for (const step of steps) await store.apply(batchOf(step));
			expect(await look(store)).toEqual(seenIn(rowsOf(all), to.account, readTime, word));
			await store.close();
		}),
		{ numRuns: propertyRuns(40) }
	);
});
