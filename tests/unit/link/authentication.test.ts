import { describe, expect, it } from 'vitest';
import { Authentication } from '../../../src/lib/link/authentication';
import type { ControlMessage } from '../../../src/lib/link/control-message';
import { fail, ok } from '../../../src/lib/protocol/result';

const body = new Uint8Array(1);

function runWith(
	answers: { readonly prove?: boolean; readonly verify?: boolean; readonly transcript?: boolean } = {}
) {
	const events: string[] = [];
	const authentication = new Authentication({
		handshake: {
			hello: () => body,
			prove: async () => (answers.prove === false ? fail('hello-wrong') : ok(body)),
			verify: async () => (answers.verify === false ? fail('proof-wrong') : ok({ account: 'a', device: 'd' }))
		},
		transcript: async () =>
			answers.transcript === false
				? fail('description-refused')
				: ok({ role: 'offerer', ownFingerprint: 'own', peerFingerprint: 'peer' }),
		send: (message) => events.push(`send ${message.kind}`),
		authenticated: (peer) => events.push(`peer ${peer.device}`),
		accepted: () => events.push('accepted'),
		refuse: (reason) => events.push(`refuse ${reason}`)
	});
	const take = (kind: 'hello' | 'proof' | 'accept'): Promise<void> => {
		const message: ControlMessage = kind === 'accept' ? { kind } : { kind, body };
		return authentication.take(message);
	};
	return { authentication, events, take };
}

describe('authentication', () => {
	it('goes hello, proof, accept, even if all arrive at once', async () => {
		const { authentication, events, take } = runWith();
		authentication.start();
		await Promise.all([take('hello'), take('proof'), take('accept')]);
		expect(events).toEqual(['send hello', 'send proof', 'peer d', 'send accept', 'accepted']);
	});

	it.each([
		['a wrong hello', { prove: false }, ['refuse hello-wrong']],
		['a connection without clear fingerprints', { transcript: false }, ['refuse description-refused']],
		['a wrong proof', { verify: false }, ['send proof', 'refuse proof-wrong']]
	] as const)('refuses %s', async (_, answers, expected) => {
		const { events, take } = runWith(answers);
		await take('hello');
		if (!('prove' in answers) && !('transcript' in answers)) await take('proof');
		expect(events).toEqual(expected);
	});

	it.each([
		[['proof'], []],
		[['accept'], []],
		[['hello', 'hello'], ['send proof']],
		[['hello', 'accept'], ['send proof']],
		[
			['hello', 'proof', 'proof'],
			['send proof', 'peer d', 'send accept']
		],
		[
			['hello', 'proof', 'accept', 'accept'],
			['send proof', 'peer d', 'send accept', 'accepted']
		]
	] as const)('refuses the order %s', async (order, before) => {
		const { events, take } = runWith();
		for (const kind of order) await take(kind);
		expect(events).toEqual([...before, 'refuse handshake-order']);
	});

	it('says nothing more once stopped', async () => {
		const { authentication, events, take } = runWith();
		const taking = take('hello');
		authentication.stop();
		await taking;
		expect(events).toEqual([]);
	});
});
