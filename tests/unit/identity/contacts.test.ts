import { describe, expect, it } from 'vitest';
import {
	consentFor,
	newContact,
	seen,
	seenNamesake,
	withVerified,
	withoutVerified,
	type ContactRow
} from '../../../src/lib/identity/contacts';

const bob: ContactRow = { ...newContact('bob'), claimedName: 'Bob', devices: ['one'] };

describe('trust in a contact', () => {
	it('changes when a verified contact has a device more', () => {
		const verified = withVerified(bob, 5);
		expect(seen(verified, { device: 'one' })).toBe(verified);
		const changed = seen(verified, { device: 'two' });
		expect(changed).toMatchObject({ change: 'new-device', devices: ['one', 'two'] });
		// Compared anew, the devices seen by then are the ones that were meant.
		const again = withVerified(changed, 6);
		expect(again.change).toBeNull();
		expect(seen(again, { device: 'two' })).toBe(again);
	});

	it('does not change by a device of somebody who was never verified', () => {
		expect(seen(bob, { device: 'two' }).change).toBeNull();
	});

	it('is no longer there once the warning has been read', () => {
		const read = withoutVerified(seen(withVerified(bob, 5), { device: 'two' }));
		expect(read).toMatchObject({ change: null, verified: null });
		expect(seen(read, { device: 'three' }).change).toBeNull();
	});

	it('changes when somebody else goes by a name of theirs, however it is spelled', () => {
		// A character without width, and letters of another script.
		for (const name of ['Bob', ' bob ', 'BOB', 'Ｂｏｂ', 'B\u200bob', 'Bоb', 'Robert']) {
			const warned = seenNamesake({ ...bob, nickname: 'Robert' }, 'mallory', name);
			expect(warned.change, name).toBe('same-name-other-key');
		}
		expect(seenNamesake(bob, 'mallory', 'Bo b').change).toBeNull();
	});

	it('is told of one namesake once', () => {
		const warned = seenNamesake(bob, 'mallory', 'Bob');
		const read = withoutVerified(warned);
		expect(seenNamesake(read, 'mallory', 'Bob')).toBe(read);
		expect(seenNamesake(read, 'trudy', 'Bob').change).toBe('same-name-other-key');
	});

	it('is not shaken by themselves, by other names, or by no name', () => {
		expect(seenNamesake(bob, 'bob', 'Bob')).toBe(bob);
		expect(seenNamesake(bob, 'mallory', 'Bobby')).toBe(bob);
		expect(seenNamesake({ ...bob, claimedName: '' }, 'mallory', '')).toMatchObject({ change: null });
	});
});

describe('what a contact is told', () => {
	it('is what all are told, but for exceptions', () => {
		const general = { receipts: true, typing: false, online: true };
		expect(consentFor(general, undefined)).toEqual(general);
		expect(consentFor(general, { ...bob, consent: { receipts: false, typing: true, online: null } })).toEqual(
			{ receipts: false, typing: true, online: true }
		);
	});
});
