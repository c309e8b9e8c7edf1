/** Whoever compares safety numbers knows whom they write with: digits, codes, badges, and what is said when it fails. */
import { decodeContactLink } from '../../src/lib/protocol/contact-link';
import { safetyCode, safetyNumber } from '../../src/lib/protocol/safety-number';
import { expect, test, type Person } from './fixtures';
import { acquaint, contactLink } from './meeting';
import { gather, openConversation, say, sees, start } from './people';
import { menuOf, openDetails } from './running-a-group';

test.describe.configure({ timeout: 240_000 });

/** The account key that a contact link names. */
async function accountKey(person: Person): Promise<Uint8Array> {
	const link = decodeContactLink(await contactLink(person));
	if (!link.ok) throw new Error(`contact link of ${person.name}: ${link.reason}`);
	return link.value.certificate.account;
}

const details = ({ page }: Person) => page.getByRole('complementary', { name: 'Details' });
const dialog = ({ page }: Person) => page.getByRole('dialog', { name: 'Safety number' });

async function openSafety(person: Person): Promise<void> {
	if (!(await details(person).isVisible()))
		await person.page.getByRole('button', { name: 'Details' }).click();
	await details(person).getByRole('button', { name: 'Safety number' }).click();
	await dialog(person).getByRole('img', { name: 'Safety QR code' }).waitFor();
}

const digits = (person: Person): Promise<string[]> =>
	dialog(person)
		.getByRole('list', { name: 'Digits of the safety number' })
		.getByRole('listitem')
		.allInnerTexts();

async function closeSafety(person: Person): Promise<void> {
	await person.page.keyboard.press('Escape');
	await expect(dialog(person)).toHaveCount(0);
}

/** From now on a camera of this page sees this code. The browser of the tests has a camera, but no reader of codes. */
async function pointsAt(person: Person, code: string): Promise<void> {
	await person.page.evaluate((text) => {
		class Reader {
			static getSupportedFormats = () => Promise.resolve(['qr_code']);
			detect = () => Promise.resolve([{ rawValue: text }]);
		}
		Object.assign(globalThis, { BarcodeDetector: Reader });
	}, code);
}

test('two people see the same number; verified by digits here and by code there, it stays', async ({
	person
}) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await Promise.all([start(alice), start(bob), start(carol)]);
	const [ofAlice, ofBob, ofCarol] = [await accountKey(alice), await accountKey(bob), await accountKey(carol)];
	await acquaint(bob, alice, 'Hello');
	await openSafety(alice);
	await openSafety(bob);
	expect(await digits(alice)).toEqual(safetyNumber(ofAlice, ofBob));
	expect(await digits(bob)).toEqual(await digits(alice));

	await dialog(alice).getByRole('button', { name: 'Mark as verified' }).click();
	await expect(dialog(alice)).toContainText('You have verified Bob.');
	await closeSafety(alice);
	const badge = alice.page.getByRole('navigation').getByRole('img', { name: 'Verified' });
	await expect(badge).toHaveCount(1);
	await expect(
		alice.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: 'Bob' })
	).toHaveAccessibleDescription(/Verified/);
	await alice.page.reload();
	await expect(badge).toHaveCount(1);

	// Without a reader of codes the digits are what is left, and it says so.
	await dialog(bob).getByRole('button', { name: 'Scan code' }).click();
	await expect(dialog(bob)).toContainText('This browser cannot read codes.');
	await dialog(bob).getByRole('button', { name: 'Stop scanning' }).click();
	await pointsAt(bob, safetyCode(ofAlice, ofCarol));
	await dialog(bob).getByRole('button', { name: 'Scan code' }).click();
	await expect(dialog(bob).getByRole('alert')).toContainText('It does not match.');
	await expect(dialog(bob).getByRole('button', { name: 'Mark as verified' })).toHaveCount(0);
	await pointsAt(bob, safetyCode(ofCarol, ofBob));
	await dialog(bob).getByRole('button', { name: 'Scan code' }).click();
	await expect(dialog(bob).getByRole('alert')).toContainText('belongs to somebody else');
	await dialog(bob).getByRole('button', { name: 'Stop scanning' }).click();
	await pointsAt(bob, safetyCode(ofAlice, ofBob));
	await dialog(bob).getByRole('button', { name: 'Scan code' }).click();
	await expect(dialog(bob).getByRole('alert')).toContainText('It matches. Alice is verified.');
	await closeSafety(bob);
	await expect(bob.page.getByRole('main').getByRole('img', { name: 'Verified' }).first()).toBeVisible();
});

test('in a group: numbers of people who are no contacts, and blocking by the menu of a member', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await say(bob, 'from Bob');
	await sees(alice, 'from Bob');
	for (const anyone of [alice, bob]) await openDetails(anyone);
	expect(await menuOf(bob, 'Alice')).toEqual(['Message', 'Safety number', 'Block']);
	const compare = async (one: Person, other: string): Promise<string[]> => {
		await one.page.getByRole('button', { name: `Actions for ${other}` }).click();
		await one.page.getByRole('menuitem', { name: 'Safety number' }).click();
		await dialog(one).getByRole('img', { name: 'Safety QR code' }).waitFor();
		return await digits(one);
	};
	const number = await compare(alice, 'Bob');
	expect(number).toHaveLength(12);
	expect(await compare(bob, 'Alice')).toEqual(number);
	await dialog(alice).getByRole('button', { name: 'Mark as verified' }).click();
	await closeSafety(alice);
	const row = alice.page.getByRole('list', { name: 'Members', exact: true }).getByRole('listitem');
	await expect(row.filter({ hasText: 'Bob' }).getByRole('img', { name: 'Verified' })).toBeVisible();

	await alice.page.getByRole('button', { name: 'Actions for Bob' }).click();
	await alice.page.getByRole('menuitem', { name: 'Block' }).click();
	await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Block' }).click();
	await expect(row.filter({ hasText: 'Bob' })).toContainText('Blocked');
	await expect(alice.page.getByRole('log', { name: 'Messages' })).not.toContainText('from Bob');

	// The one page of privacy knows of it, and undoes it.
	await alice.page.getByRole('link', { name: 'Settings' }).click();
	await alice.page.getByRole('main').getByRole('link', { name: 'Privacy' }).click();
	await alice.page.getByRole('radio', { name: 'Nobody' }).check();
	const blocked = alice.page.getByRole('list', { name: 'Blocked people' }).getByRole('listitem');
	await expect(blocked).toContainText('Bob');
	await alice.page.reload();
	await expect(alice.page.getByRole('radio', { name: 'Nobody' })).toBeChecked();
	await blocked.getByRole('button', { name: 'Unblock' }).click();
	await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Unblock' }).click();
	await expect(alice.page.getByText('You have blocked nobody.')).toBeVisible();
	await openConversation(alice, 'Trip');
	await sees(alice, 'from Bob');
});
