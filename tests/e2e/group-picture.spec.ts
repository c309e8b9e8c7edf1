/** A group's picture: made small where it is chosen, shown to all, changed by moderators, gone when it is taken away. */
import { expect, test } from './fixtures';
import { gather, inConversation } from './people';
import { act, openDetails, shows } from './running-a-group';
import type { Person } from './person';

test.describe.configure({ timeout: 120_000 });

const slow = { timeout: 40_000 };

/** A picture of 1200 × 800 as a file: one colour, with another in its middle. */
async function drawn(person: Person, middle: string): Promise<Buffer> {
	const url = await person.page.evaluate((colour) => {
		const canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [1_200, 800];
		const context = canvas.getContext('2d');
		if (context === null) throw new Error('there is no canvas');
		context.fillStyle = '#d8a657';
		context.fillRect(0, 0, 1_200, 800);
		context.fillStyle = colour;
		context.fillRect(400, 200, 400, 400);
		return canvas.toDataURL('image/png');
	}, middle);
	return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

async function choose(person: Person, buffer: Buffer): Promise<void> {
	const form = person.page.getByRole('dialog', { name: 'Group settings' });
	await person.page.getByRole('button', { name: 'Group settings' }).click();
	await form.getByLabel('Choose picture').setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer });
	await form.getByRole('button', { name: 'Remove picture' }).waitFor();
	await form.getByRole('button', { name: 'Save' }).click();
	await expect(form).toBeHidden();
}

/** Decoration, so it has no role: the one in the list of conversations. */
const picture = ({ page }: Person) =>
	page.getByRole('navigation', { name: 'Conversations' }).locator('img[src^="blob:"]');

/** Side in pixels, and the colour of the middle. */
function looked(
	person: Person
): Promise<readonly [width: number, height: number, red: number, blue: number]> {
	return picture(person).evaluate(async (image: HTMLImageElement) => {
		await image.decode();
		const canvas = document.createElement('canvas');
		const context = canvas.getContext('2d');
		if (context === null) throw new Error('there is no canvas');
		context.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
		const [red = 0, , blue = 0] = context.getImageData(0, 0, 1, 1).data;
		return [image.naturalWidth, image.naturalHeight, red > 128 ? 1 : 0, blue > 128 ? 1 : 0] as const;
	});
}

test('the owner chooses a picture; all see it, also after a start; a moderator changes it and takes it away', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await openDetails(alice);
	await choose(alice, await drawn(alice, '#0000ff'));
	await expect(picture(alice)).toBeVisible(slow);
	await expect(picture(bob)).toBeVisible(slow);
	expect(await looked(bob)).toEqual([160, 160, 0, 1]);
	await bob.page.reload();
	await inConversation(bob, 'Trip');
	await expect(picture(bob)).toBeVisible(slow);

	await act(alice, 'Bob', 'Make moderator');
	await openDetails(bob);
	await shows(bob, 'Bob', 'Moderator');
	await choose(bob, await drawn(bob, '#ff0000'));
	await expect.poll(() => looked(alice), slow).toEqual([160, 160, 1, 0]);
	// What is no picture is refused where it is chosen.
	const form = bob.page.getByRole('dialog', { name: 'Group settings' });
	await bob.page.getByRole('button', { name: 'Group settings' }).click();
	await form
		.getByLabel('Choose picture')
		.setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="alert(1)">') });
	await expect(form.getByRole('alert')).toHaveText(
		'This file could not be shown as a picture. Choose another one.'
	);
	await form.getByRole('button', { name: 'Remove picture' }).click();
	await form.getByRole('button', { name: 'Save' }).click();
	await expect(form).toBeHidden();
	for (const anyone of [alice, bob]) await expect(picture(anyone)).toHaveCount(0, slow);
});
