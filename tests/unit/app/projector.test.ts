/** What a conversation's fold tells, written into a real read model, and who hears of it. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { Projector, type ProjectorEvents } from '../../../src/lib/app/projector';
import type { ProjectedMessage } from '../../../src/lib/conversation/ports';
import { memoryStore } from '../store/memory-store';
import { noProjectorEvents } from './no-projector-events';

const conversation = 'walks';
const alice = 'alice';
const said: ProjectedMessage = {
	segment: 1,
	lane: 7,
	clock: 0,
	id: 'the-message',
	account: alice,
	hlc: 1,
	time: 1,
	text: 'not for your eyes',
	reply: null,
	thread: null,
	mentions: [],
	mentionsEveryone: false,
	forwarded: false,
	poll: null,
	expiresAfterS: null,
	origin: null
};

/** @returns also what the list quoted each time that it was to be read again */
async function rig() {
	const store = memoryStore();
	onTestFinished(() => store.close());
	await store.open();
	const readings: Promise<string | undefined>[] = [];
	const events: ProjectorEvents = {
		...noProjectorEvents,
		listed: () => {
			const quoted = store.conversations(Number.MAX_SAFE_INTEGER).then(([row]) => row?.last?.text);
			readings.push(quoted);
		}
	};
	const known = { name: 'Walks', createdTime: 0, left: false };
	const projector = new Projector(store, conversation, 'bob', known, events, () => 0);
	await projector.describe();
	await projector.messages([said], [{ segment: 1, lane: 7, next: 1 }], []);
	const quoted = async (): Promise<string | undefined> => (await Promise.all(readings)).at(-1);
	return { projector, quoted };
}

describe('the list of conversations', () => {
	it('quotes what has just been said', async () => {
		const { quoted } = await rig();
		expect(await quoted()).toBe('not for your eyes');
	});

	it('does not go on quoting what was deleted', async () => {
		const { projector, quoted } = await rig();
		const { account: author, segment, lane, clock, id } = said;
		await projector.deleted([{ segment, lane, clock, id, author, by: alice, hlc: 2 }]);
		expect(await quoted()).toBe('');
	});

	it('does not go on quoting what turned out not to count', async () => {
		const { projector, quoted } = await rig();
		await projector.withdrawn([said.id]);
		expect(await quoted()).toBeUndefined();
	});
});
