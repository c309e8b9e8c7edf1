/**
 * Seals: a secret of 32 bytes for the holder of one X25519 key, by HPKE (hpke.ts).
 *
 *   info   "seal/1" ‖ conversation
 *   aad    "seal/1" ‖ epoch id ‖ recipient's agreement key
 *
 * so that a seal moved to another conversation, epoch or recipient does not open. Base mode says nothing on who sealed:
 * what comes out counts only if the epoch's id is that of its commitment.
 */
import { ByteWriter, toHex } from './bytes';
import { publicKeyLength, sha256, type Bytes, type SigningKeys } from './crypto';
import { epochSecretLength } from './epoch';
import { encapsulatedKeyLength, recipientLength, sealedSecretLength, type Seal } from './epoch-records';
import { hpkeOpen, hpkeSeal, hpkeSuite, type HpkeBinding } from './hpke';
import { fail, ok, type Result } from './result';

/** The recipient's key is one that no honest device has; or the seal is not for this key, place or conversation. */
export type SealRejection = 'seal-key' | 'seal-closed';

/** What a seal is bound to. */
export interface SealPlace {
	readonly conversation: Uint8Array;
	/** Id of the epoch whose secret, or control secret, is sealed: all that a newcomer may know of it. 16 bytes. */
	readonly epoch: Uint8Array;
}

/** Two implementations: HPKE, and one without public-key cryptography for simulations. */
export interface SealPort {
	/**
	 * @param agreement X25519 public key
	 * @param secret 32 bytes
	 * @throws RangeError if the secret has another length
	 */
	seal(
		place: SealPlace,
		agreement: Uint8Array,
		secret: Uint8Array
	): Promise<Result<Omit<Seal, 'recipient'>, SealRejection>>;
	open(
		place: SealPlace,
		keys: SigningKeys,
		seal: Omit<Seal, 'recipient'>
	): Promise<Result<Bytes, SealRejection>>;
}

/** Little endian, top bit cleared: 0, 1, two points of order 8, p - 1, p, p + 1 (RFC 7748, 6.1 and 7). */
const smallOrderCoordinates: readonly string[] = [
	'0000000000000000000000000000000000000000000000000000000000000000',
	'0100000000000000000000000000000000000000000000000000000000000000',
	'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
	'5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
	'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
	'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
	'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
];

/**
 * False for points of small order, with which every shared secret is zero, and for spellings that no engine makes
 * (top bit set, or not reduced modulo 2^255 - 19). The same verdict on every engine: who is sealed to follows from it.
 */
export function isSoundAgreementKey(key: Uint8Array): boolean {
	if (key.length !== publicKeyLength || ((key[31] as number) & 0x80) !== 0) return false;
	if (key[31] === 0x7f && (key[0] as number) >= 0xed && key.subarray(1, 31).every((byte) => byte === 0xff))
		return false;
	return !smallOrderCoordinates.includes(toHex(key));
}

/** How seals name the holder of an agreement key. 8 bytes. */
export function recipientOf(agreement: Uint8Array): Bytes {
	const hash = sha256(new ByteWriter(48).label('recipient/1').raw(agreement).done());
	return hash.slice(0, recipientLength) as Bytes;
}

const infoOf = ({ conversation }: SealPlace): Bytes =>
	new ByteWriter(48).label('seal/1').raw(conversation).done();

/** What goes with a seal as additional data; for other implementations of the port. */
export const sealedFor = ({ epoch }: SealPlace, agreement: Uint8Array): Bytes =>
	new ByteWriter(64).label('seal/1').raw(epoch).raw(agreement).done();

/** Seals as they are in the world. */
export function hpkeSealPort(): SealPort {
	const suite = hpkeSuite();
	const bindingOf = (place: SealPlace, agreement: Uint8Array): HpkeBinding => ({
		info: infoOf(place),
		aad: sealedFor(place, agreement)
	});
	return {
		async seal(place, agreement, secret) {
			if (secret.length !== epochSecretLength) throw new RangeError(`a secret of ${secret.length} bytes`);
			if (!isSoundAgreementKey(agreement)) return fail('seal-key');
			return ok(await hpkeSeal(agreement, secret, bindingOf(place, agreement), suite));
		},
		async open(place, keys, seal) {
			if (seal.encapsulated.length !== encapsulatedKeyLength || seal.ciphertext.length !== sealedSecretLength)
				return fail('seal-closed');
			if (!isSoundAgreementKey(seal.encapsulated)) return fail('seal-key');
			// A wrong key, place or tag, or a zero secret.
			const opened = await hpkeOpen(keys, seal, bindingOf(place, keys.publicKey), suite);
			return opened === null ? fail('seal-closed') : ok(opened);
		}
	};
}
