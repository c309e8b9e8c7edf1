/** Somebody at their first start: an account, and the one device that it has certified. */
import type { Author } from '../src/lib/conversation/founding';
import { certifyDevice, type DeviceCertificate } from '../src/lib/protocol/certificates';
import type { CryptoPort, SigningKeys } from '../src/lib/protocol/crypto';

export interface NewAccount {
	readonly account: SigningKeys;
	/** The device's. */
	readonly agreement: SigningKeys;
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
	/** As the device writes. */
	readonly author: Author;
}

/** Draws keys one after another: a seeded port gives the same ones again. */
export async function newAccount(crypto: CryptoPort): Promise<NewAccount> {
	const account = await crypto.generateSigningKeys();
	const device = await crypto.generateSigningKeys();
	const agreement = await crypto.generateAgreementKeys();
	const certificate = await certifyDevice(crypto, account, {
		device: device.publicKey,
		agreement: agreement.publicKey,
		deviceNumber: 1
	});
	const devicePrivateKey = device.privateKey;
	const author = { certificate, devicePrivateKey, agreementPrivateKey: agreement.privateKey };
	return { account, agreement, certificate, devicePrivateKey, author };
}
