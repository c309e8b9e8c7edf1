import { describe, expect, it } from 'vitest';
import { WaitingEntries } from '../../../src/lib/conversation/waiting-entries';
import { group } from './people';

describe('what waits for another device', () => {
	it('is counted by its messages; what is said about them waits without being one', async () => {
		const { founder, bea } = await group('bea');
		expect(founder.conversation.waiting()).toMatchObject({ messages: 0, entries: 0 });
		await founder.say('one');
		await founder.say('two');
		const { id } = founder.entryOf('one');
		const target = Uint8Array.from(Buffer.from(id, 'base64url'));
		await founder.write({ type: 'reaction', target, emoji: '👍', on: true });
		await founder.write({ type: 'edit', target, text: 'one, or so', mentions: [] });
		const counts = { messages: 2, entries: 4 };
		expect(founder.conversation.waiting()).toMatchObject(counts);
		// As the journal tells it at the next start.
		expect(new WaitingEntries(founder.journalled)).toMatchObject(counts);
		await bea.hear(founder);
		expect(bea.shown).toEqual(['one', 'two']);
	});
});
