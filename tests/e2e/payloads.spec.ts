/**
 * Hundreds of texts that want to be more than that, shown by a real browser in each place where people can write: as
 * messages, polls and names. Nothing runs, nothing is fetched, and the content policy has nothing to report, with Trusted
 * Types enforced.
 */
import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures';
import { createGroup, inviteLink, join, linked, start } from './people';
import { places, vectors } from './payloads';

test.describe.configure({ timeout: 300_000 });

declare global {
	/** Set by a payload that was run. */
	var payloadRan: string | undefined;
	/** What the content policy has refused. */
	var refused: string[] | undefined;
}

/** Vectors that go into one message, each in the same place. */
const vectorsPerMessage = 14;

/** Keeps what the content policy reports, from the first moment of every page. */
async function watch(person: Person): Promise<void> {
	await person.context.addInitScript(() => {
		globalThis.refused = [];
		document.addEventListener('securitypolicyviolation', (event) =>
			globalThis.refused?.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
		);
	});
}

/** What came to life; empty if nothing did. */
const alive = (page: Page): Promise<readonly string[]> =>
	page.evaluate(() => [
		...(globalThis.payloadRan === undefined ? [] : [`ran: ${globalThis.payloadRan}`]),
		...(globalThis.refused ?? ['nobody watches']),
		...[
			...document.querySelectorAll(
				'iframe, object, embed, base, marquee, math, video, audio, template, form[action], [formaction], a[href^="javascript:" i], img[src="x"], meta[http-equiv="refresh"], svg script, article script, article style'
			)
		].map((element) => element.outerHTML.slice(0, 200)),
		...[...document.querySelectorAll('*')].flatMap((element) =>
			element
				.getAttributeNames()
				.filter((name) => name.startsWith('on') || name === 'srcdoc')
				.map((name) => `${element.tagName} ${name}`)
		)
	]);

async function say(person: Person, text: string): Promise<void> {
	const field = person.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill(text);
	await field.press('Enter');
	await expect(field).toHaveValue('');
}

test('500 payloads in messages, polls and names are text', async ({ person }) => {
	const tag = `<img src=x onerror="globalThis.payloadRan='name'">`;
	const group = `Trip <svg onload=globalThis.payloadRan='group'>`;
	const [alice, bob] = [await person(`Al ${tag}`), await person(`"><script>payloadRan='bob'</script>`)];
	const asked: string[] = [];
	for (const each of [alice, bob]) {
		await watch(each);
		each.context.on('request', (request) => asked.push(new URL(request.url()).origin));
	}
	await start(alice);
	await createGroup(alice, group);
	await join(bob, await inviteLink(alice), group);
	await linked(alice, bob);

	let count = 0;
	for (const place of places) {
		for (let from = 0; from < vectors.length; from += vectorsPerMessage) {
			const some = vectors.slice(from, from + vectorsPerMessage);
			const end = `end-${place.name.replaceAll(' ', '-')}-${from}`;
			const separator = place.name === 'text' ? '\n' : '\n\n';
			await say(alice, [...some.map(({ text }) => place.put(text)), end].join(separator));
			count += some.length;
			await expect(bob.page.getByRole('article').filter({ hasText: end })).toHaveCount(1);
			expect(await alive(bob.page), `${place.name}, from ${from}, at the reader's`).toEqual([]);
		}
		expect(await alive(alice.page), `${place.name}, at the writer's`).toEqual([]);
	}
	expect(count).toBeGreaterThanOrEqual(500);
	test.info().annotations.push({ type: 'payloads', description: String(count) });

	await alice.page.getByRole('textbox', { name: 'Message', exact: true }).fill(`/poll ${tag}`);
	await alice.page.keyboard.press('Enter');
	const dialog = alice.page.getByRole('dialog', { name: 'New poll' });
	await dialog.getByRole('textbox', { name: 'Choice 1' }).fill(`<svg onload=payloadRan=1>`);
	await dialog.getByRole('textbox', { name: 'Choice 2' }).fill(`{@html 1}<script>payloadRan=1</script>`);
	await dialog.getByRole('button', { name: 'Ask' }).click();
	await expect(bob.page.getByRole('article').filter({ hasText: '{@html 1}' })).toHaveCount(1);
	await bob.page.getByRole('button', { name: 'Details' }).click();
	await expect(bob.page.getByRole('list', { name: 'Members' })).toContainText('<img src=x');

	// Nothing was asked for but the app and its relay.
	expect(new Set(asked.filter((origin) => origin !== 'null'))).toEqual(new Set([new URL(alice.home).origin]));
});

test('Trusted Types are enforced: markup and scripts from strings throw', async ({ person }) => {
	const alice = await person('Alice');
	alice.allow(/Trusted|Content Security Policy/i);
	await watch(alice);
	await start(alice);
	const outcome = await alice.page.evaluate(() => {
		const tried = (act: () => unknown): string => {
			try {
				act();
				return 'done';
			} catch (error) {
				return error instanceof Error ? error.name : 'thrown';
			}
		};
		return {
			markup: tried(() => (document.createElement('div').innerHTML = '<b>x</b>')),
			parser: tried(() => new DOMParser().parseFromString('<b>x</b>', 'text/html')),
			worker: tried(() => new Worker('/service-worker.js')),
			policy: tried(() =>
				(
					globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }
				).trustedTypes.createPolicy('another', {})
			)
		};
	});
	expect(outcome).toEqual({
		markup: 'TypeError',
		parser: 'TypeError',
		worker: 'TypeError',
		policy: 'TypeError'
	});
	await expect.poll(() => alice.page.evaluate(() => globalThis.refused?.length ?? 0)).toBeGreaterThan(3);
});

test('pages that are pasted leave their text here, and nothing else', async ({ person }) => {
	const alice = await person('Alice');
	// What a value hides from the composer, the browser still calls refused.
	alice.allow(/violates the following Content Security Policy/);
	await watch(alice);
	await start(alice);
	await createGroup(alice, 'Trip');
	const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
	for (const { name, text } of vectors) {
		await field.fill('');
		await field.evaluate((element, html) => {
			const data = new DataTransfer();
			data.setData('text/html', html);
			data.setData('text/plain', 'plain');
			element.dispatchEvent(
				new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
			);
		}, `<p>${text}</p><b>pasted</b>`);
		await expect(field, name).not.toHaveValue('');
	}
	// That it was refused is fine; that anything of it was done is not.
	await alice.page.evaluate(() => (globalThis.refused = []));
	expect(await alive(alice.page)).toEqual([]);
});
