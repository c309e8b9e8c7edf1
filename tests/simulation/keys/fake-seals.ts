/** Seals without public-key cryptography, for speed: whoever has the recipient's keys opens them, and nobody else tries. */
import { ByteWriter, equalBytes } from '../../../src/lib/protocol/bytes';
import { sha256, type Bytes, type SigningKeys } from '../../../src/lib/protocol/crypto';
import { fail, ok } from '../../../src/lib/protocol/result';
import { sealedFor, type SealPlace, type SealPort } from '../../../src/lib/protocol/seal';
import type { SeededRandom } from '../seeded-random';

const tagLength = 16;

function maskOf(place: SealPlace, agreement: Uint8Array, encapsulated: Uint8Array): Bytes {
	const bound = new ByteWriter(160)
		.raw(place.conversation)
		.raw(sealedFor(place, agreement))
		.raw(encapsulated);
	return sha256(bound.done());
}

const tagOf = (mask: Uint8Array, secret: Uint8Array): Bytes =>
	sha256(new ByteWriter(64).raw(mask).raw(secret).done()).slice(0, tagLength) as Bytes;

const masked = (bytes: Uint8Array, mask: Uint8Array): Bytes =>
	bytes.map((byte, i) => byte ^ (mask[i] as number)) as Bytes;

export function fakeSealPort(random: SeededRandom): SealPort {
	return {
		async seal(place, agreement, secret) {
			const encapsulated = random.bytes(32);
			const mask = maskOf(place, agreement, encapsulated);
			const ciphertext = new ByteWriter(48).raw(masked(secret, mask)).raw(tagOf(mask, secret)).done();
			return ok({ encapsulated, ciphertext });
		},
		async open(place, keys, { encapsulated, ciphertext }) {
			const mask = maskOf(place, keys.publicKey, encapsulated);
			const secret = masked(ciphertext.subarray(0, 32), mask);
			return equalBytes(tagOf(mask, secret), ciphertext.subarray(32)) ? ok(secret) : fail('seal-closed');
		}
	};
}

/** A point that passes for sound; its private half is never used. */
export function fakeAgreementKeys(random: SeededRandom): SigningKeys {
	const publicKey = random.bytes(32);
	publicKey[31] = (publicKey[31] as number) & 0x3f;
	return { publicKey, privateKey: {} as CryptoKey };
}
