import { describe, expect, it } from 'vitest';
import {
	decodeControlMessage,
	encodeControlMessage,
	type ControlMessage
} from '../../../src/lib/link/control-message';

const messages: readonly ControlMessage[] = [
	{ kind: 'hello', body: Uint8Array.of(1, 2, 3) },
	{ kind: 'proof', body: new Uint8Array(0) },
	{ kind: 'accept' },
	{ kind: 'ping' },
	{ kind: 'pong' },
	{ kind: 'message', body: Uint8Array.of(9) },
	{ kind: 'consumed', channel: 'document', bytes: 0 },
	{ kind: 'consumed', channel: 'sync', bytes: 0xffff_ffff }
];

describe('control messages', () => {
	it.each(messages)('come back as they went: $kind', (message) => {
		expect(decodeControlMessage(encodeControlMessage(message))).toEqual({ ok: true, value: message });
	});

	it.each([
		['nothing', []],
		['an unknown kind', [7]],
		['a ping with something behind it', [3, 0]],
		['a report for an unknown channel', [6, 2, 0, 0, 0, 1]],
		['a report cut short', [6, 0, 0, 0, 1]],
		['a report with something behind it', [6, 0, 0, 0, 0, 1, 0]]
	])('are refused: %s', (_, bytes) => {
		expect(decodeControlMessage(Uint8Array.from(bytes))).toEqual({ ok: false, reason: 'control-malformed' });
	});
});
