import { describe, expect, test } from 'vitest';
import type { ContactView } from '../../../src/lib/app/contract';
import { qrCodeReader } from '../../../src/lib/ui/dialogs/barcode-detector';
import { changeText, exceptionsText } from '../../../src/lib/ui/words/contact';

const contact = (over: Partial<ContactView> = {}): ContactView => ({
	...{ account: 'a', name: 'Ann', nickname: null, claimedName: 'Ann', trust: 'none', change: null },
	...{ blocked: false, conversation: null, consent: { receipts: null, typing: null, online: null } },
	...over
});

describe('what is said of a contact', () => {
	test('why a comparison no longer holds is said only while it is so', () => {
		expect(changeText(contact({ change: 'new-device' }))).toBe('');
		expect(changeText(contact({ trust: 'changed', change: 'new-device' }))).toContain(
			'Ann has a device more'
		);
		expect(changeText(contact({ trust: 'changed', change: 'same-name-other-key' }))).toContain('another key');
		expect(changeText(contact({ trust: 'changed' }))).not.toBe('');
	});

	test('exceptions name what differs, also where it is the same as for all by choice', () => {
		expect(exceptionsText(contact())).toBe('As for everyone');
		const consent = { receipts: false, typing: null, online: true };
		expect(exceptionsText(contact({ consent }))).toBe('Read receipts: off · Online: on');
	});
});

describe('a reader of codes', () => {
	const scope = (formats: readonly string[]) => ({
		BarcodeDetector: class {
			static getSupportedFormats = () => Promise.resolve(formats);
			detect = () => Promise.resolve([]);
		}
	});

	test('is there where the browser has one for QR codes, and nowhere else', async () => {
		expect(await qrCodeReader(scope(['ean_13', 'qr_code']))).not.toBeNull();
		expect(await qrCodeReader(scope([]))).toBeNull();
		expect(await qrCodeReader({})).toBeNull();
		expect(await qrCodeReader({ BarcodeDetector: 1 })).toBeNull();
	});
});
