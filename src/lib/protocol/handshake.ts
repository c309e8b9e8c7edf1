/**
 * The peer handshake (protocol 7): before any document byte each side proves that it holds a recent epoch's secret
 * and a device key, for this very DTLS connection.
 *
 *   hello   version 1 · nonce 32
 *   proof   nonce 12 · AES-256-GCM(peer key, AAD "peer/1" ‖ conversation ‖ both hellos' nonces, sender's first,
 *           {device certificate · signature 64})
 *   signature  Ed25519(device key, "peer/1" ‖ conversation ‖ role · own nonce · peer nonce · own and peer's fingerprint)
 */
import { ByteWriter, Malformed, concatBytes, decodeWith, equalBytes } from './bytes';
import { checkDevice, type DeviceCertificate } from './certificates';
import { publicKeyLength, sign, signatureLength, verifyWith, type Bytes, type CryptoPort } from './crypto';
import type { EpochKeys } from './epoch';
import { fail, ok, type Result } from './result';

const version = 1;
const nonceLength = 32;
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
	readonly keys: EpochKeys;
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
}

const otherRole = { offerer: 'answerer', answerer: 'offerer' } as const;

/** One run, for one connection. */
export class PeerHandshake {
	readonly #nonce: Bytes;
	#peerNonce: Uint8Array | null = null;
	#transcript: Transcript | null = null;

	constructor(readonly party: HandshakeParty) {
		this.#nonce = party.crypto.randomBytes(nonceLength);
	}

	hello(): Bytes {
		return new ByteWriter(40).u8(version).raw(this.#nonce).done();
	}

	async prove(peerHello: Uint8Array, transcript: Transcript): Promise<Result<Bytes, HandshakeRejection>> {
		const peerNonce = decodeWith(peerHello, (reader) => {
			if (reader.u8() !== version) throw new Malformed('version');
			return reader.take(nonceLength);
		});
		if (!peerNonce.ok) return fail('handshake-hello');
		if (equalBytes(peerNonce.value, this.#nonce)) return fail('handshake-reflected');
		this.#peerNonce = peerNonce.value;
		this.#transcript = transcript;
		const { crypto, certificate, devicePrivateKey } = this.party;
		const signature = await sign(
			crypto.subtle,
			devicePrivateKey,
			this.#signingBytes(transcript, this.#nonce, peerNonce.value)
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
			{ name: 'AES-GCM', iv, additionalData: this.#sealingData(this.#nonce, peerNonce.value) },
			this.party.keys.peerKey,
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
		let plain: ArrayBuffer;
		try {
			plain = await subtle.decrypt(
				{
					name: 'AES-GCM',
					iv: peerProof.slice(0, gcmNonceLength),
					additionalData: this.#sealingData(peerNonce, this.#nonce)
				},
				this.party.keys.peerKey,
				peerProof.slice(gcmNonceLength)
			);
		} catch {
			// Another epoch's key, or no key at all: WebCrypto does not tell them apart.
			return fail('handshake-sealed');
		}
		const proof = decodeWith(new Uint8Array(plain), (reader) => ({
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
