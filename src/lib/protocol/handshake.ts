/**
 * The peer handshake (protocol 7): before any document byte each side proves that it holds a recent epoch's secret
 * and a device key, for this very DTLS connection.
 *
 *   hello   version 2 · nonce 32 · 16 hints, 8 bytes each: HMAC(an epoch's hint key, nonce), the newest first, then noise
 *   proof   nonce 12 · AES-256-GCM(peer key, AAD "peer/1" ‖ conversation ‖ both hellos' nonces, sender's first,
 *           {device certificate · signature 64})
 *   signature  Ed25519(device key, "peer/1" ‖ conversation ‖ role · own nonce · peer nonce · own and peer's fingerprint)
 *
 * The proof is sealed under the newest epoch that both hold: who has not heard of a change of epochs yet, or has been
 * removed by it, is to be met all the same (docs/decisions/0017, 0019). To anybody else the hints are noise.
 */
import { ByteWriter, Malformed, concatBytes, decodeWith, equalBytes } from './bytes';
import { checkDevice, type DeviceCertificate } from './certificates';
import {
	hmacSha256,
	publicKeyLength,
	sign,
	signatureLength,
	verifyWith,
	type Bytes,
	type CryptoPort
} from './crypto';
import type { EpochControlKeys } from './epoch';
import { fail, ok, type Result } from './result';

const version = 2;
const nonceLength = 32;
const hintLength = 8;
/** Epochs by which a device can be met. */
export const hintsLimit = 16;
const gcmNonceLength = 12;

export interface Transcript {
	readonly role: 'offerer' | 'answerer';
	readonly ownFingerprint: string;
	readonly peerFingerprint: string;
}

export type HandshakeRejection =
	| 'handshake-hello'
	| 'handshake-reflected'
	| 'handshake-order'
	| 'handshake-sealed'
	| 'handshake-proof'
	| 'handshake-certificate'
	| 'handshake-signature';

export interface HandshakeParty {
	readonly crypto: CryptoPort;
	readonly conversation: Uint8Array;
	/** Epochs that are held, the newest first; at least one. Those beyond the limit are not looked at. */
	readonly epochs: readonly Pick<EpochControlKeys, 'peerKey' | 'hintKey'>[];
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
}

const hintOf = (hintKey: Uint8Array, nonce: Uint8Array): Bytes =>
	hmacSha256(hintKey, nonce).slice(0, hintLength) as Bytes;

const otherRole = { offerer: 'answerer', answerer: 'offerer' } as const;

/** One run, for one connection. */
export class PeerHandshake {
	readonly #nonce: Bytes;
	#peerNonce: Uint8Array | null = null;
	#transcript: Transcript | null = null;
	/** Peer keys of the epochs that the other side holds too, in our order. */
	#common: readonly CryptoKey[] = [];

	constructor(readonly party: HandshakeParty) {
		this.#nonce = party.crypto.randomBytes(nonceLength);
	}

	hello(): Bytes {
		const writer = new ByteWriter(168).u8(version).raw(this.#nonce);
		const hints = this.#epochs.map(({ hintKey }) => hintOf(hintKey, this.#nonce));
		for (let i = 0; i < hintsLimit; i++) writer.raw(hints[i] ?? this.party.crypto.randomBytes(hintLength));
		return writer.done();
	}

	async prove(peerHello: Uint8Array, transcript: Transcript): Promise<Result<Bytes, HandshakeRejection>> {
		const hello = decodeWith(peerHello, (reader) => {
			if (reader.u8() !== version) throw new Malformed('version');
			const nonce = reader.take(nonceLength);
			return { nonce, hints: Array.from({ length: hintsLimit }, () => reader.take(hintLength)) };
		});
		if (!hello.ok) return fail('handshake-hello');
		const { nonce: peerNonce, hints } = hello.value;
		if (equalBytes(peerNonce, this.#nonce)) return fail('handshake-reflected');
		this.#peerNonce = peerNonce;
		this.#transcript = transcript;
		const common = this.#epochs.filter(({ hintKey }) => {
			const expected = hintOf(hintKey, peerNonce);
			return hints.some((hint) => equalBytes(hint, expected));
		});
		this.#common = common.map(({ peerKey }) => peerKey);
		const { crypto, certificate, devicePrivateKey } = this.party;
		const signature = await sign(
			crypto.subtle,
			devicePrivateKey,
			this.#signingBytes(transcript, this.#nonce, peerNonce)
		);
		const plain = new ByteWriter()
			.raw(certificate.account)
			.raw(certificate.device)
			.raw(certificate.agreement)
			.varuint(certificate.deviceNumber)
			.raw(certificate.deviceSignature)
			.raw(signature)
			.done();
		const iv = crypto.randomBytes(gcmNonceLength);
		const sealed = await crypto.subtle.encrypt(
			{ name: 'AES-GCM', iv, additionalData: this.#sealingData(this.#nonce, peerNonce) },
			this.#common[0] ?? this.#newest,
			plain
		);
		return ok(concatBytes(iv, new Uint8Array(sealed)));
	}

	/** @returns the peer's certificate, checked. Call after `prove`. */
	async verify(peerProof: Uint8Array): Promise<Result<DeviceCertificate, HandshakeRejection>> {
		const peerNonce = this.#peerNonce;
		const transcript = this.#transcript;
		if (peerNonce === null || transcript === null) return fail('handshake-order');
		const { subtle } = this.party.crypto;
		const plain = await this.#open(peerProof, this.#sealingData(peerNonce, this.#nonce));
		if (plain === null) return fail('handshake-sealed');
		const proof = decodeWith(plain, (reader) => ({
			certificate: {
				account: reader.take(publicKeyLength),
				device: reader.take(publicKeyLength),
				agreement: reader.take(publicKeyLength),
				deviceNumber: reader.varuint(),
				deviceSignature: reader.take(signatureLength)
			},
			signature: reader.take(signatureLength)
		}));
		if (!proof.ok) return fail('handshake-proof');
		const { certificate, signature } = proof.value;
		if (!(await checkDevice(subtle, certificate))) return fail('handshake-certificate');
		const theirs: Transcript = {
			role: otherRole[transcript.role],
			ownFingerprint: transcript.peerFingerprint,
			peerFingerprint: transcript.ownFingerprint
		};
		const signing = this.#signingBytes(theirs, peerNonce, this.#nonce);
		if (!(await verifyWith(subtle, certificate.device, signature, signing)))
			return fail('handshake-signature');
		return ok(certificate);
	}

	get #epochs(): HandshakeParty['epochs'] {
		return this.party.epochs.slice(0, hintsLimit);
	}

	get #newest(): CryptoKey {
		const [newest] = this.party.epochs;
		if (newest === undefined) throw new Error('a handshake without any epoch');
		return newest.peerKey;
	}

	/** The sides may differ in what they take for the newest that both hold. */
	async #open(proof: Uint8Array, additionalData: Bytes): Promise<Uint8Array | null> {
		const iv = proof.slice(0, gcmNonceLength);
		const sealed = proof.slice(gcmNonceLength);
		for (const key of this.#common.length > 0 ? this.#common : [this.#newest]) {
			try {
				const plain = await this.party.crypto.subtle.decrypt(
					{ name: 'AES-GCM', iv, additionalData },
					key,
					sealed
				);
				return new Uint8Array(plain);
			} catch {
				// Another epoch's key, or no key at all: WebCrypto does not tell them apart.
			}
		}
		return null;
	}

	#signingBytes(transcript: Transcript, own: Uint8Array, peer: Uint8Array): Bytes {
		return new ByteWriter()
			.label('peer/1')
			.raw(this.party.conversation)
			.text(transcript.role)
			.raw(own)
			.raw(peer)
			.text(transcript.ownFingerprint)
			.text(transcript.peerFingerprint)
			.done();
	}

	#sealingData(sender: Uint8Array, receiver: Uint8Array): Bytes {
		return new ByteWriter().label('peer/1').raw(this.party.conversation).raw(sender).raw(receiver).done();
	}
}
