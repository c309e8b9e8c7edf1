import { describe, expect, it } from 'vitest';
import { group, type Person } from './people';

const missing = ({ conversation }: Person, by: Person, text: string): Promise<number> =>
	conversation.missingBelow(by.shownAs(text));

describe('entries that a message names and that are not here', () => {
	it('are none where what is named is deleted: its place is known', async () => {
		const { founder, ben, cleo } = await group('ben', 'cleo');
		await ben.say('one');
		await cleo.hear(ben);
		await cleo.say('two');
		expect(await ben.delete('one')).toMatchObject({ ok: true });
		for (const other of [ben, cleo]) await founder.hear(other);
		expect([founder.shown, await missing(founder, cleo, 'two')]).toEqual([['two'], 0]);
	});

	it('are none of what is not here itself, or is closed', async () => {
		const { founder, ben, cleo } = await group('ben', 'cleo');
		await ben.say('one');
		expect(await missing(cleo, ben, 'one')).toBe(0);
		await founder.hear(ben);
		await founder.close();
		await founder.open();
		const { conversation } = founder;
		await founder.close();
		expect(await conversation.missingBelow(ben.shownAs('one'))).toBe(0);
	});
});
