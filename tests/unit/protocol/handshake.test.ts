import { describe, expect, it } from 'vitest';
import { PeerHandshake, hintsLimit } from '../../../src/lib/protocol/handshake';
import { answer, offer, party, prove } from './handshake-party';

describe('the peer handshake', () => {
	it('tells each side whom it is connected with', async () => {
		const [a, b] = [await party(), await party()];
		const { one, two, proofA, proofB } = await prove(a, b);
		expect(await one.verify(proofB)).toEqual({ ok: true, value: b.certificate });
		expect(await two.verify(proofA)).toEqual({ ok: true, value: a.certificate });
	});

	it('goes by the newest epoch that both hold, whatever else they hold', async () => {
		const [ahead, behind] = [await party(9, 8, 7, 2), await party(7, 2, 6)];
		const { one, two, proofA, proofB } = await prove(ahead, behind);
		expect(await one.verify(proofB)).toEqual({ ok: true, value: behind.certificate });
		expect(await two.verify(proofA)).toEqual({ ok: true, value: ahead.certificate });
		// Who holds an older one of both alone cannot read along.
		const outsider = new PeerHandshake(await party(2));
		await outsider.prove(one.hello(), answer);
		expect(await outsider.verify(proofA)).toEqual({ ok: false, reason: 'handshake-sealed' });
	});

	it('says nothing of epochs that are too many to name', async () => {
		const many = Array.from({ length: hintsLimit + 1 }, (_, i) => 100 - i);
		const old = many.at(-1) as number;
		const { one, proofB } = await prove(await party(...many), await party(old));
		expect(await one.verify(proofB)).toEqual({ ok: false, reason: 'handshake-sealed' });
	});

	it('fails for what comes back from a mirror', async () => {
		const a = new PeerHandshake(await party());
		expect(await a.prove(a.hello(), offer)).toEqual({ ok: false, reason: 'handshake-reflected' });
		const { one, proofA } = await prove(await party(), await party());
		expect(await one.verify(proofA)).toEqual({ ok: false, reason: 'handshake-sealed' });
	});

	it('fails for a proof of another run, of the same two', async () => {
		const [a, b] = [await party(), await party()];
		const [first, second] = [await prove(a, b), await prove(a, b)];
		expect(await second.one.verify(first.proofB)).toEqual({ ok: false, reason: 'handshake-sealed' });
	});

	it('fails if somebody sits between the two connections, or if both have one role', async () => {
		const [a, b] = [await party(), await party()];
		const between = await prove(a, b, offer, { ...answer, ownFingerprint: 'CC' });
		expect(await between.one.verify(between.proofB)).toEqual({ ok: false, reason: 'handshake-signature' });
		const twins = await prove(a, b, offer, { ...answer, role: 'offerer' });
		expect(await twins.one.verify(twins.proofB)).toEqual({ ok: false, reason: 'handshake-signature' });
	});

	it('fails without the secret of the epoch, before its turn, and for noise', async () => {
		const { one, two, proofB } = await prove(await party(2), await party(3));
		expect(await one.verify(proofB)).toEqual({ ok: false, reason: 'handshake-sealed' });
		expect(await two.verify(new Uint8Array(5))).toEqual({ ok: false, reason: 'handshake-sealed' });
		expect(await new PeerHandshake(await party()).verify(proofB)).toEqual({
			ok: false,
			reason: 'handshake-order'
		});
		expect(await one.prove(new Uint8Array(33), offer)).toEqual({ ok: false, reason: 'handshake-hello' });
	});

	it('fails for a certificate that its account has not signed', async () => {
		const [a, b] = [await party(), await party()];
		const { one, proofB } = await prove(a, { ...b, certificate: { ...b.certificate, deviceNumber: 2 } });
		expect(await one.verify(proofB)).toEqual({ ok: false, reason: 'handshake-certificate' });
	});
});
