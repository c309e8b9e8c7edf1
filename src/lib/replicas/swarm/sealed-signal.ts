/**
 * y-webrtc's sealing of signalling messages, which it keeps to itself: base64 of
 *
 *     varString "AES-GCM" · varBytes nonce (12) · varBytes AES-256-GCM(lib0 "any" encoding of the message)
 *
 * with the key that it derives from the room's password. Needed to say and to hear by our own rules what y-webrtc
 * says once and counts on.
 */
import * as buffer from 'lib0/buffer';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { readSignalMessage, type SignalMessage } from './signal-message';

const algorithm = 'AES-GCM';
const nonceBytes = 12;

export async function sealSignal(message: SignalMessage, key: CryptoKey): Promise<string> {
	// lib0's type has no place for interfaces; what is in a message are strings, numbers, and records of them.
	const encodable = message as unknown as encoding.AnyEncodable;
	const plain = encoding.encode((encoder) => encoding.writeAny(encoder, encodable));
	const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
	const cipher = await crypto.subtle.encrypt({ name: algorithm, iv: nonce }, key, new Uint8Array(plain));
	const sealed = encoding.encode((encoder) => {
		encoding.writeVarString(encoder, algorithm);
		encoding.writeVarUint8Array(encoder, nonce);
		encoding.writeVarUint8Array(encoder, new Uint8Array(cipher));
	});
	return buffer.toBase64(sealed);
}

/** The message in it; null if it is none that we have a use for, or not for us to read. */
export async function openSignal(sealed: unknown, key: CryptoKey): Promise<SignalMessage | null> {
	if (typeof sealed !== 'string') return null;
	try {
		const decoder = decoding.createDecoder(buffer.fromBase64(sealed));
		if (decoding.readVarString(decoder) !== algorithm) return null;
		const iv = new Uint8Array(decoding.readVarUint8Array(decoder));
		const cipher = new Uint8Array(decoding.readVarUint8Array(decoder));
		const plain = await crypto.subtle.decrypt({ name: algorithm, iv }, key, cipher);
		return readSignalMessage(decoding.readAny(decoding.createDecoder(new Uint8Array(plain))));
	} catch {
		// Anybody may publish anything under a topic. lib0 throws plain errors, WebCrypto DOMExceptions: in both
		// cases the message is not one of ours.
		return null;
	}
}
