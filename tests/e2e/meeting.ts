/** How people who do not know each other meet, in the words of the interface. */
import { expect } from './fixtures';
import { inConversation } from './people';
import type { Person } from './person';
import { openDetails } from './running-a-group';

async function openDialog({ page }: Person): Promise<void> {
	await page.getByRole('button', { name: 'New conversation' }).click();
	await page.getByRole('menuitem', { name: 'Message someone' }).click();
	await page.getByRole('dialog', { name: 'Message someone' }).waitFor();
}

/** @returns a person's own contact link */
export async function contactLink(person: Person): Promise<string> {
	const { page } = person;
	await openDialog(person);
	const field = page.getByRole('textbox', { name: 'Your link' });
	await expect(field).toHaveValue(/\/add#1\./);
	const url = await field.inputValue();
	await page.keyboard.press('Escape');
	await field.waitFor({ state: 'detached' });
	return url;
}

/** Writes first to whoever the link is of; ends in the conversation. @param to their name */
export async function writeFirst(person: Person, link: string, to: string, text: string): Promise<void> {
	const { page } = person;
	await openDialog(person);
	await page.getByRole('textbox', { name: 'Contact link' }).fill(link);
	await page.getByRole('textbox', { name: 'First message' }).fill(text);
	await page.getByRole('button', { name: 'Send request' }).click();
	await inConversation(person, to);
}

/** Waits for requests and opens the page of them. */
export async function openRequests(person: Person): Promise<void> {
	await person.page.getByRole('link', { name: 'Requests' }).click({ timeout: 40_000 });
	await person.page.getByRole('heading', { name: 'Requests', level: 1 }).waitFor();
}

/** Takes the only request; ends in the conversation. @param from their name */
export async function accept(person: Person, from: string): Promise<void> {
	await openRequests(person);
	await person.page.getByRole('button', { name: 'Accept' }).click();
	await inConversation(person, from);
}

/** Two who have written to each other; both in the conversation. */
export async function acquaint(one: Person, other: Person, text: string): Promise<void> {
	await writeFirst(one, await contactLink(other), other.name, text);
	await accept(other, one.name);
}

/** Blocks the other, or lets them through again, in the details of the direct conversation that is open. */
export async function setBlocked({ page }: Person, blocked: boolean): Promise<void> {
	const name = blocked ? 'Block' : 'Unblock';
	const details = page.getByRole('complementary', { name: 'Details' });
	if (!(await details.isVisible())) await page.getByRole('button', { name: 'Details' }).click();
	await details.getByRole('button', { name, exact: true }).click();
	await page
		.getByRole('alertdialog')
		.or(page.getByRole('dialog'))
		.getByRole('button', { name, exact: true })
		.click();
	await details.getByRole('button', { name: blocked ? 'Unblock' : 'Block', exact: true }).waitFor();
}

/** Writes first to a member of the group on screen, by the menu of the member; ends in the conversation of the two. */
export async function writeToMember(person: Person, name: string, text: string): Promise<void> {
	const { page } = person;
	await openDetails(person);
	await page.getByRole('button', { name: `Actions for ${name}` }).click();
	await page.getByRole('menuitem', { name: 'Message' }).click();
	const dialog = page.getByRole('dialog', { name: 'Message a member' });
	await dialog.getByRole('textbox', { name: 'First message' }).fill(text);
	await dialog.getByRole('button', { name: 'Send request' }).click();
	await inConversation(person, name);
}
