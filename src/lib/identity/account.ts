/** Makes a person's account and this installation's device on the first run (protocol 1). */
import { certifyDevice } from '../protocol/certificates';
import type { CryptoPort } from '../protocol/crypto';
import { signingKeysOfSeed } from '../protocol/invite-link';
import { fail, ok, type Result } from '../protocol/result';
import { nameLimitBytes } from '../protocol/text-limits';
import { utf8Length } from '../protocol/bytes';
import type { JournalFailure } from '../conversation/ports';
import type { DeviceDatabase, IdentityRow } from './device-database';

/** Graphemes that a name may have on screen. */
export const nameLimitGraphemes = 64;

export type NameProblem = 'name-empty' | 'name-too-long';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** @returns the name as it will be kept: normalised, trimmed, without control characters */
export function soundName(raw: string): Result<string, NameProblem> {
	const name = raw
		.normalize('NFC')
		.replace(/\p{Cc}|\p{Zl}|\p{Zp}/gu, ' ')
		.replace(/\s+/gu, ' ')
		.trim();
	if (name.length === 0) return fail('name-empty');
	if (utf8Length(name) > nameLimitBytes) return fail('name-too-long');
	let count = 0;
	for (const _ of graphemes.segment(name)) if (++count > nameLimitGraphemes) return fail('name-too-long');
	return ok(name);
}

export async function createIdentity(crypto: CryptoPort, name: string): Promise<IdentityRow> {
	const accountSeed = crypto.randomBytes(32);
	const account = await signingKeysOfSeed(crypto.subtle, accountSeed);
	const [device, agreement] = await Promise.all([
		crypto.generateSigningKeys(),
		crypto.generateAgreementKeys()
	]);
	const certificate = await certifyDevice(crypto, account, {
		device: device.publicKey,
		agreement: agreement.publicKey,
		deviceNumber: 1
	});
	return {
		name,
		accountSeed,
		certificate,
		devicePrivateKey: device.privateKey,
		agreementPrivateKey: agreement.privateKey
	};
}

export function saveIdentity(
	database: DeviceDatabase,
	identity: IdentityRow
): Promise<Result<void, JournalFailure>> {
	return database.strictWrite(['identity'], (tx) => [tx.objectStore('identity').put(identity, 'self')]);
}
