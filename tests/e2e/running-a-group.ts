/** What people do to run a group, in the words of the interface. All of it with Details open, on a wide screen. */
import type { Locator } from '@playwright/test';
import { expect } from './fixtures';
import type { Person } from './person';

const slow = { timeout: 40_000 };

/** Opens Details of the conversation on screen. */
export async function openDetails(person: Person): Promise<void> {
	const button = person.page.getByRole('button', { name: 'Details' });
	if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
	await members(person).first().waitFor();
}

export const members = (person: Person): Locator =>
	person.page.getByRole('list', { name: 'Members', exact: true }).getByRole('listitem');

export const gone = (person: Person): Locator =>
	person.page.getByRole('list', { name: 'No longer in the group' }).getByRole('listitem');

/** Whoever is a member, with what their badge says. */
export async function shows(person: Person, name: string, badge: 'Owner' | 'Moderator' | ''): Promise<void> {
	const row = members(person).filter({ hasText: name });
	await expect(row).toHaveCount(1, slow);
	if (badge !== '') await expect(row).toContainText(badge, slow);
	else await expect(row).not.toContainText(/Owner|Moderator/, slow);
}

/** What the menu of a member offers. */
export async function menuOf(person: Person, name: string): Promise<string[]> {
	const { page } = person;
	await page.getByRole('button', { name: `Actions for ${name}` }).click();
	const items = page.getByRole('menuitem');
	await items.first().waitFor();
	const texts = await items.allInnerTexts();
	await page.keyboard.press('Escape');
	await expect(items).toHaveCount(0);
	return texts;
}

/** Chooses in the menu of a member, and says yes where that is asked. */
export async function act(
	person: Person,
	name: string,
	item: 'Make moderator' | 'Remove moderator' | 'Remove from group' | 'Offer ownership' | 'Take offer back'
): Promise<void> {
	const { page } = person;
	await page.getByRole('button', { name: `Actions for ${name}` }).click();
	await page.getByRole('menuitem', { name: item }).click();
	if (item === 'Take offer back') return;
	const question = page.getByRole('alertdialog');
	await question.getByRole('button', { name: item }).click();
	await expect(question).toBeHidden();
}

export interface Rules {
	readonly write?: string;
	readonly invite?: string;
	readonly approval?: boolean;
	readonly history?: string;
	readonly description?: string;
}

export async function rule(person: Person, rules: Rules): Promise<void> {
	await person.page.getByRole('button', { name: 'Group settings' }).click();
	const form = person.page.getByRole('dialog', { name: 'Group settings' });
	if (rules.write !== undefined)
		await form.getByRole('combobox', { name: 'Who may write' }).selectOption({ label: rules.write });
	if (rules.invite !== undefined)
		await form.getByRole('combobox', { name: 'Who may invite' }).selectOption({ label: rules.invite });
	if (rules.history !== undefined)
		await form
			.getByRole('combobox', { name: 'What newcomers can read' })
			.selectOption({ label: rules.history });
	if (rules.approval !== undefined)
		await form.getByRole('checkbox', { name: 'Newcomers have to be let in' }).setChecked(rules.approval);
	if (rules.description !== undefined)
		await form.getByRole('textbox', { name: 'Description' }).fill(rules.description);
	await form.getByRole('button', { name: 'Save' }).click();
	await expect(form).toBeHidden();
}

/** Lines of the moderation log, newest first. */
export async function log(person: Person): Promise<string[]> {
	await person.page.getByRole('button', { name: 'Moderation log' }).click();
	const dialog = person.page.getByRole('dialog', { name: 'Moderation log' });
	await dialog.waitFor();
	const lines = await dialog.getByRole('listitem').allInnerTexts();
	await person.page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	return lines.map((line) => line.split('\n').slice(0, -1).join(' '));
}
