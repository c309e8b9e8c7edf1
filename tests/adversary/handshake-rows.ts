/** Devices that meet: handshakes that are not what they should be, and presence of plain y-protocols. */
import { expect } from 'vitest';
import * as awarenessProtocol from 'y-protocols/awareness';
import * as Y from 'yjs';
import { Authentication } from '../../src/lib/link/authentication';
import { ByteWriter } from '../../src/lib/protocol/bytes';
import { PeerHandshake } from '../../src/lib/protocol/handshake';
import { fail, ok } from '../../src/lib/protocol/result';
import { readYjsFrame } from '../../src/lib/replicas/yjs-frames';
import { answer, offer, party, prove } from '../unit/protocol/handshake-party';
import { honestGroup, ingestInVain } from './honest-group';
import type { Row } from './row';

export const handshakeRows: readonly Row[] = [
	{
		no: 30,
		input: 'a handshake whose proof is that of another run, comes back from a mirror, or is for another role',
		outcome: 'fails (handshake-sealed, handshake-reflected, handshake-signature); no document byte before',
		run: async () => {
			const [a, b] = [await party(), await party()];
			const [first, second] = [await prove(a, b), await prove(a, b)];
			expect(await second.one.verify(second.proofB)).toMatchObject({ ok: true });
			expect(await second.one.verify(first.proofB)).toEqual(fail('handshake-sealed'));
			expect(await second.one.verify(second.proofA)).toEqual(fail('handshake-sealed'));
			const mirror = new PeerHandshake(a);
			expect(await mirror.prove(mirror.hello(), offer)).toEqual(fail('handshake-reflected'));
			const twins = await prove(a, b, offer, { ...answer, role: 'offerer' });
			expect(await twins.one.verify(twins.proofB)).toEqual(fail('handshake-signature'));
		}
	},
	{
		no: 30,
		input: 'somebody between two devices, with fingerprints of their own',
		outcome: 'fails (handshake-signature)',
		run: async () => {
			const [a, b] = [await party(), await party()];
			for (const change of [{ ownFingerprint: 'CC' }, { peerFingerprint: 'CC' }]) {
				const between = await prove(a, b, offer, { ...answer, ...change });
				expect(await between.one.verify(between.proofB)).toEqual(fail('handshake-signature'));
			}
		}
	},
	{
		no: 30,
		input: 'handshake messages twice, out of order, or of noise',
		outcome: 'the link is refused (handshake-order, or the reason of the message)',
		run: async () => {
			for (const kinds of [
				['proof'],
				['accept'],
				['hello', 'hello'],
				['hello', 'accept'],
				['hello', 'proof', 'proof']
			] as const) {
				const refused: string[] = [];
				let accepted = false;
				const authentication = new Authentication({
					handshake: {
						hello: () => new Uint8Array(1),
						prove: async () => ok(new Uint8Array(1)),
						verify: async () => ok({ account: 'a', device: 'd' })
					},
					transcript: async () => ok(offer),
					send: () => undefined,
					authenticated: () => undefined,
					accepted: () => (accepted = true),
					refuse: (reason) => void refused.push(reason)
				});
				const body = new Uint8Array(1);
				for (const kind of kinds) await authentication.take(kind === 'accept' ? { kind } : { kind, body });
				expect([refused, accepted]).toEqual([['handshake-order'], false]);
			}
			const { one } = await prove(await party(), await party());
			expect(await one.verify(new Uint8Array(200))).toEqual(fail('handshake-sealed'));
		}
	},
	{
		no: 30,
		input: 'a peer with the key of another epoch',
		outcome:
			'fails (handshake-sealed) as long as there is one epoch; a removed device is told so and no more (0017)',
		run: async () => {
			const { one, proofB } = await prove(await party(2), await party(3));
			expect(await one.verify(proofB)).toEqual(fail('handshake-sealed'));
		}
	},
	{
		no: 30,
		input: 'a peer that answers the handshake with silence',
		outcome: 'closed after 10 s (handshake-timeout); no frame of it reaches the guard',
		browser: [
			{ spec: 'tests/e2e/link/hostile-peer.spec.ts', title: 'who does not answer the handshake is shut out' }
		]
	},
	{
		no: 31,
		input:
			'presence of y-protocols: for another client, for oneself, with a clock of 2^53, of 200 000 states',
		outcome: 'dropped by its first byte, and never parsed',
		run: async () => {
			const doc = new Y.Doc();
			const awareness = new awarenessProtocol.Awareness(doc);
			awareness.setLocalState({ name: 'FORGED' });
			const body = awarenessProtocol.encodeAwarenessUpdate(awareness, [doc.clientID]);
			awareness.destroy();
			const states = new ByteWriter().varuint(200_000);
			for (let client = 0; client < 200_000; client++)
				states.varuint(client).varuint(Number.MAX_SAFE_INTEGER).text('{}');
			for (const said of [body, states.done(), new Uint8Array(0), Uint8Array.of(0xff, 0xff)]) {
				const frame = new ByteWriter().u8(1).block(said).done();
				expect(readYjsFrame(frame)).toEqual(ok({ type: 'presence' }));
			}
			expect(readYjsFrame(Uint8Array.of(3))).toEqual(ok({ type: 'presence' }));
			const { founder } = await honestGroup();
			await ingestInVain(founder, body);
		}
	}
];
