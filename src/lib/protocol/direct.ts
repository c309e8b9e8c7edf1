/**
 * Direct conversations (docs/decisions/0020): of two accounts, and of these two for good. Whoever begins it, both land in
 * the same one, under the same first secret, also when both begin at the same time and out of each other's reach.
 *
 *   id      SHA-256("direct/1" ‖ both account ids, ascending)
 *   grant   SHA-256("direct-grant/1" ‖ id ‖ account id): each of the two has one by the id itself
 *   secret  HKDF(X25519 of the two devices' agreement keys, salt id, info "direct-secret/1" ‖ both keys, ascending)
 */
import { ByteWriter, compareBytes, concatBytes } from './bytes';
import { deriveBytes, publicKeyLength, sha256, type Bytes, type SigningKeys } from './crypto';
import { epochSecretLength } from './epoch';
import { fail, ok, type Result } from './result';
import { isSoundAgreementKey } from './seal';

/**
 * @param one and other account ids (SHA-256 of the account keys, 32 bytes), in any order
 * @throws RangeError if they are one account
 */
export function directConversationOf(one: Uint8Array, other: Uint8Array): Bytes {
	return sha256(
		new ByteWriter(80)
			.label('direct/1')
			.raw(concatBytes(...sortedPair(one, other)))
			.done()
	);
}

export function directGrantOf(conversation: Uint8Array, account: Uint8Array): Bytes {
	return sha256(new ByteWriter(96).label('direct-grant/1').raw(conversation).raw(account).done());
}

/** Ascending. @throws RangeError if they are the same */
export function sortedPair(one: Uint8Array, other: Uint8Array): readonly [Uint8Array, Uint8Array] {
	const order = compareBytes(one, other);
	if (order === 0) throw new RangeError('a direct conversation is of two');
	return order < 0 ? [one, other] : [other, one];
}

/**
 * The secret of the first epoch; the same on both sides, and nobody else's.
 * @param own X25519 keys of this device
 * @param other agreement key of the other's device, from a certificate that has been checked
 */
export async function directSecretOf(
	subtle: SubtleCrypto,
	own: SigningKeys,
	other: Uint8Array,
	conversation: Uint8Array
): Promise<Result<Bytes, 'agreement-key'>> {
	if (!isSoundAgreementKey(other) || compareBytes(own.publicKey, other) === 0) return fail('agreement-key');
	const publicKey = await subtle.importKey('raw', other as Bytes, 'X25519', true, []);
	const shared = new Uint8Array(
		await subtle.deriveBits({ name: 'X25519', public: publicKey }, own.privateKey, publicKeyLength * 8)
	);
	// Excluded by the check above; what an engine makes of it is not relied on.
	if (shared.every((byte) => byte === 0)) return fail('agreement-key');
	const info = new ByteWriter(96)
		.label('direct-secret/1')
		.raw(concatBytes(...sortedPair(own.publicKey, other)))
		.done();
	return ok(deriveBytes(shared, conversation, info, epochSecretLength));
}
