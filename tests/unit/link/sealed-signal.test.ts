import { describe, expect, it } from 'vitest';
import { openSignal, sealSignal } from '../../../src/lib/replicas/swarm/sealed-signal';

const makeKey = (): Promise<CryptoKey> =>
	crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

describe('a sealed signal', () => {
	it('comes back as it went', async () => {
		const key = await makeKey();
		const sealed = await sealSignal({ type: 'announce', from: 'a peer' }, key);
		expect(await openSignal(sealed, key)).toEqual({ type: 'announce', from: 'a peer' });
	});

	it('is nothing to who has another key', async () => {
		const sealed = await sealSignal({ type: 'announce', from: 'a peer' }, await makeKey());
		expect(await openSignal(sealed, await makeKey())).toBeNull();
	});

	it.each([[undefined], [7], [''], ['????'], ['AAAA'], [btoa('\u0007AES-GCM\u00ff\u00ff\u00ff')]])(
		'is not %s',
		async (sealed) => {
			expect(await openSignal(sealed, await makeKey())).toBeNull();
		}
	);
});
