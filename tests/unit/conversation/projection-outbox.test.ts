import { describe, expect, it } from 'vitest';
import type { LaneCursor, ProjectedMessage } from '../../../src/lib/conversation/ports';
import { ProjectionOutbox, type SaidRows } from '../../../src/lib/conversation/projection-outbox';

const message = (clock: number, time = clock): ProjectedMessage => ({
	segment: 1,
	lane: 7,
	clock,
	id: `id${clock}`,
	account: 'Anna',
	hlc: clock,
	time,
	text: 'Hello',
	reply: null,
	thread: null,
	mentions: [],
	mentionsEveryone: false,
	forwarded: false,
	poll: null,
	expiresAfterS: null,
	origin: null
});
const upTo = (next: number): LaneCursor => ({ segment: 1, lane: 7, next });
const several = (from: number, count: number): ProjectedMessage[] =>
	Array.from({ length: count }, (_, i) => message(from + i));

const said = (messages: readonly ProjectedMessage[]): SaidRows => ({ messages, acts: [] });

/** A read model that stores a batch when it is told to. */
class SlowReadModel {
	readonly batches: { readonly clocks: readonly number[]; readonly next: number | undefined }[] = [];
	readonly shown = new Map<string, number>();
	#finish: () => void = () => undefined;

	messages = (messages: readonly ProjectedMessage[], cursors: readonly LaneCursor[]): Promise<void> => {
		this.batches.push({ clocks: messages.map(({ clock }) => clock), next: cursors[0]?.next });
		return new Promise((resolve) => {
			this.#finish = () => {
				for (const { id, time } of messages) this.shown.set(id, time);
				resolve();
			};
		});
	};
	withdrawn = async (ids: readonly string[]): Promise<void> => {
		for (const id of ids) this.shown.delete(id);
	};
	deleted = async (): Promise<void> => undefined;
	authority = async (): Promise<void> => undefined;

	/** Ends the batch that is being stored, and lets everything happen that follows from it. */
	async finish(): Promise<void> {
		this.#finish();
		await new Promise((resolve) => setImmediate(resolve));
	}
}

async function started(): Promise<{ readModel: SlowReadModel; outbox: ProjectionOutbox }> {
	const readModel = new SlowReadModel();
	const outbox = new ProjectionOutbox(readModel);
	outbox.add(said([message(0)]), [upTo(1)]);
	await new Promise((resolve) => setImmediate(resolve));
	return { readModel, outbox };
}

describe('the outbox of the read model', () => {
	it('sends a single message at once, and gathers while it is being stored', async () => {
		const { readModel, outbox } = await started();
		expect(readModel.batches).toEqual([{ clocks: [0], next: 1 }]);
		outbox.add(said([message(1)]), [upTo(2)]);
		outbox.add(said([message(2)]), [upTo(3)]);
		await readModel.finish();
		expect(readModel.batches.slice(1)).toEqual([{ clocks: [1, 2], next: 3 }]);
	});

	it('never claims in a cursor what an earlier batch leaves to a later one', async () => {
		const { readModel, outbox } = await started();
		outbox.add(said(several(1, 1000)), [upTo(1001)]);
		outbox.add(said(several(1001, 1000)), [upTo(2001)]);
		await readModel.finish();
		await readModel.finish();
		expect(
			readModel.batches.slice(1).map(({ clocks, next }) => [clocks.length, clocks.at(-1), next])
		).toEqual([
			[1000, 1000, 1001],
			[1000, 2000, 2001]
		]);
	});

	it('has whoever brings more wait while much waits', async () => {
		const { readModel, outbox } = await started();
		for (let i = 0; i < 4; i++) outbox.add(said(several(1 + i * 1000, 1000)), [upTo(1001 + i * 1000)]);
		let hasRoom = false;
		const room = outbox.room().then(() => (hasRoom = true));
		await readModel.finish();
		expect(hasRoom).toBe(false);
		await readModel.finish();
		await room;
	});

	it('gives the newest state of a message that has changed while it waited', async () => {
		const { readModel, outbox } = await started();
		outbox.add(said([message(1, 1)]), [upTo(2)]);
		outbox.add(said([message(1, 9)]), []);
		await readModel.finish();
		await readModel.finish();
		expect(readModel.shown.get('id1')).toBe(9);
	});

	it('withdraws after what came before', async () => {
		const { readModel, outbox } = await started();
		outbox.add(said([message(1)]), [upTo(2)]);
		const withdrawn = outbox.withdraw(['id1']);
		await readModel.finish();
		await readModel.finish();
		await withdrawn;
		expect([...readModel.shown.keys()]).toEqual(['id0']);
	});

	it('goes on after the read model has failed', async () => {
		const shown: number[] = [];
		const failing = new ProjectionOutbox({
			messages: async (messages) => {
				for (const { clock } of messages) {
					if (clock === 0) throw new RangeError('a bug');
					shown.push(clock);
				}
			},
			withdrawn: async () => undefined,
			deleted: async () => undefined,
			authority: async () => undefined
		});
		failing.add(said([message(0)]), []);
		await expect(failing.empty()).rejects.toThrow('a bug');
		failing.add(said([message(1)]), []);
		await failing.empty();
		expect(shown).toEqual([1]);
	});
});
