/**
 * What is said on the control channel. First byte = kind, the rest depends on it:
 *
 *     0 hello     handshake, first message of either side
 *     1 proof     handshake, answer to the peer's hello
 *     2 accept    empty: your proof is good, frames may flow to me
 *     3 ping      empty
 *     4 pong      empty
 *     5 message   for the owner
 *     6 consumed  channel u8 (0 document, 1 sync) · wire bytes processed, u32 big-endian
 */
import { fail, ok, type Result } from '../protocol/result';

export type WindowedChannel = 'document' | 'sync';

export type ControlMessage =
	| { readonly kind: 'hello' | 'proof' | 'message'; readonly body: Uint8Array }
	| { readonly kind: 'accept' | 'ping' | 'pong' }
	| { readonly kind: 'consumed'; readonly channel: WindowedChannel; readonly bytes: number };

const kinds = ['hello', 'proof', 'accept', 'ping', 'pong', 'message', 'consumed'] as const;
const windowedChannels = ['document', 'sync'] as const;

export function encodeControlMessage(message: ControlMessage): Uint8Array<ArrayBuffer> {
	const kindByte = kinds.indexOf(message.kind);
	switch (message.kind) {
		case 'hello':
		case 'proof':
		case 'message': {
			const bytes = new Uint8Array(1 + message.body.length);
			bytes[0] = kindByte;
			bytes.set(message.body, 1);
			return bytes;
		}
		case 'consumed': {
			const bytes = new Uint8Array(6);
			bytes[0] = kindByte;
			bytes[1] = windowedChannels.indexOf(message.channel);
			new DataView(bytes.buffer).setUint32(2, message.bytes);
			return bytes;
		}
		default:
			return Uint8Array.of(kindByte);
	}
}

export function decodeControlMessage(bytes: Uint8Array): Result<ControlMessage, 'control-malformed'> {
	const kind = kinds[bytes[0] ?? kinds.length];
	switch (kind) {
		case 'hello':
		case 'proof':
		case 'message':
			return ok({ kind, body: bytes.subarray(1) });
		case 'accept':
		case 'ping':
		case 'pong':
			return bytes.length === 1 ? ok({ kind }) : fail('control-malformed');
		case 'consumed': {
			const channel = windowedChannels[bytes[1] ?? windowedChannels.length];
			if (bytes.length !== 6 || channel === undefined) return fail('control-malformed');
			return ok({ kind, channel, bytes: new DataView(bytes.buffer, bytes.byteOffset, 6).getUint32(2) });
		}
		default:
			return fail('control-malformed');
	}
}
