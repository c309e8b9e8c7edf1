/**
 * Links: an epoch carries its parents' secrets for whoever holds its own, so that one seal gives a newcomer all of the
 * past that they may have, whatever its length (docs/decisions/0013). They lead downwards only: who holds a parent
 * learns nothing of the child.
 *
 *   link   AES-256-GCM(HKDF(child's secret of the kind, conversation, "link/1" ‖ kind ‖ child ‖ parent), nonce zero,
 *          parent's secret of the kind)
 *
 * A link's key is used once, because child and parent name one secret each; so the nonce needs no chance.
 */
import { ByteWriter } from './bytes';
import { deriveBytes, type Bytes } from './crypto';
import type { SealedKind } from './epoch-records';
import { fail, ok, type Result } from './result';

export interface LinkPlace {
	readonly conversation: Uint8Array;
	readonly kind: SealedKind;
	/** Epoch ids, 16 bytes each. */
	readonly child: Uint8Array;
	readonly parent: Uint8Array;
}

const nonceLength = 12;

function linkKey(subtle: SubtleCrypto, place: LinkPlace, childSecret: Uint8Array): Promise<CryptoKey> {
	const info = new ByteWriter(64).label('link/1').label(place.kind).raw(place.child).raw(place.parent).done();
	const key = deriveBytes(childSecret, place.conversation, info, 32);
	return subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

const algorithmFor = ({ child, parent }: LinkPlace): AesGcmParams => ({
	name: 'AES-GCM',
	iv: new Uint8Array(nonceLength),
	additionalData: new ByteWriter(48).label('link/1').raw(child).raw(parent).done()
});

/** @param childSecret and parentSecret of the place's kind, 32 bytes each. @returns 48 bytes */
export async function sealLink(
	subtle: SubtleCrypto,
	place: LinkPlace,
	childSecret: Uint8Array,
	parentSecret: Uint8Array
): Promise<Bytes> {
	const key = await linkKey(subtle, place, childSecret);
	return new Uint8Array(await subtle.encrypt(algorithmFor(place), key, parentSecret as Bytes));
}

/** @returns what was linked; whether it is the parent's secret only the parent's commitment can tell */
export async function openLink(
	subtle: SubtleCrypto,
	place: LinkPlace,
	childSecret: Uint8Array,
	link: Uint8Array
): Promise<Result<Bytes, 'link-closed'>> {
	const key = await linkKey(subtle, place, childSecret);
	try {
		return ok(new Uint8Array(await subtle.decrypt(algorithmFor(place), key, link as Bytes)));
	} catch {
		// WebCrypto says no more than that the tag does not fit.
		return fail('link-closed');
	}
}
