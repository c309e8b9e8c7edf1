/**
 * y-webrtc's sealing of signalling messages, which it keeps to itself: base64 of
 *
 *     varString "AES-GCM" · varBytes nonce (12) · varBytes AES-256-GCM(lib0 "any" encoding of the message)
 *
 * with the key that it derives from the room's password. Needed to announce ourselves at a moment of our
 * choosing, and to notice who announces themselves.
 */
import * as buffer from 'lib0/buffer';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

const algorithm = 'AES-GCM';
const nonceBytes = 12;

export interface Announcement {
	readonly type: 'announce';
	/** y-webrtc's name for one visit of one page to the room. */
	readonly from: string;
}

export async function sealAnnouncement(announcement: Announcement, key: CryptoKey): Promise<string> {
	const plain = encoding.encode((encoder) => encoding.writeAny(encoder, { ...announcement }));
	const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
	const cipher = await crypto.subtle.encrypt({ name: algorithm, iv: nonce }, key, new Uint8Array(plain));
	const sealed = encoding.encode((encoder) => {
		encoding.writeVarString(encoder, algorithm);
		encoding.writeVarUint8Array(encoder, nonce);
		encoding.writeVarUint8Array(encoder, new Uint8Array(cipher));
	});
	return buffer.toBase64(sealed);
}

/** Who announces themselves in this message; null if it is something else or not for us to read. */
export async function openAnnouncement(sealed: unknown, key: CryptoKey): Promise<string | null> {
	if (typeof sealed !== 'string') return null;
	try {
		const decoder = decoding.createDecoder(buffer.fromBase64(sealed));
		if (decoding.readVarString(decoder) !== algorithm) return null;
		const iv = new Uint8Array(decoding.readVarUint8Array(decoder));
		const cipher = new Uint8Array(decoding.readVarUint8Array(decoder));
		const plain = await crypto.subtle.decrypt({ name: algorithm, iv }, key, cipher);
		const message: unknown = decoding.readAny(decoding.createDecoder(new Uint8Array(plain)));
		return isAnnouncement(message) ? message.from : null;
	} catch {
		// Anybody may publish anything under a topic. lib0 throws plain errors, WebCrypto DOMExceptions: in both
		// cases the message is not one of ours.
		return null;
	}
}

function isAnnouncement(message: unknown): message is Announcement {
	if (typeof message !== 'object' || message === null) return false;
	return (
		'type' in message && message.type === 'announce' && 'from' in message && typeof message.from === 'string'
	);
}
