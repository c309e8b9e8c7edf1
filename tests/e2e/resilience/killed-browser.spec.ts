/**
 * The browser process dies (SIGKILL) the moment a sent message shows a state: what has one was saved. KILLS (20; six in
 * CI, for its time budget).
 */
import {
	createGroup,
	inConversation,
	inviteLink,
	join,
	linked,
	matches,
	message,
	saved,
	sees,
	start
} from '../people';
import { browserPid, killAndReopen } from './browser-processes';
import { count, expect, tall, test } from './resilience-test';

const kills = count('KILLS', process.env['CI'] === undefined ? 20 : 6);
const textOf = (i: number): string => `death ${String(i).padStart(2, '0')}`;

test('what is saved survives the death of the browser', async ({ person }) => {
	test.setTimeout(60_000 + kills * 20_000);
	const alice = await person('Alice', { keepsProfile: true, ...tall });
	const bob = await person('Bob', tall);
	await start(alice);
	await createGroup(alice, 'Trip');
	const link = await inviteLink(alice);
	const address = alice.page.url();
	await join(bob, link, 'Trip');
	const states: string[] = [];
	for (let i = 1; i <= kills; i++) {
		// Every other time it dies while nobody is linked yet, so that the journal alone has the message.
		if (i % 2 === 0) await linked(alice, bob);
		const pid = await browserPid(alice);
		const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
		await field.fill(textOf(i));
		await field.press('Enter');
		await saved(alice, textOf(i));
		await killAndReopen(alice, pid);
		await alice.page.goto(address);
		await inConversation(alice, 'Trip');
		await sees(alice, textOf(i));
		const mark = message(alice, textOf(i)).getByRole('img').last();
		states.push((await mark.getAttribute('aria-label')) ?? '');
		// What was sent is not offered again as a draft.
		await expect(alice.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('');
	}
	const all = Array.from({ length: kills }, (_, i) => textOf(i + 1));
	const shown = /death \d\d/;
	await expect.poll(() => matches(alice, shown)).toEqual(all);
	await expect.poll(() => matches(bob, shown), { timeout: 30_000 }).toEqual(all);
	test.info().annotations.push({ type: 'states after restart', description: states.join(', ') });
});
