/** Devices that shake hands, up to the point at which each has the other's proof. */
import { webcrypto } from 'node:crypto';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import { deriveEpochKeys } from '../../../src/lib/protocol/epoch';
import { PeerHandshake, type HandshakeParty, type Transcript } from '../../../src/lib/protocol/handshake';
import { newAccount } from '../../new-account';

const crypto = webCryptoPort(webcrypto as unknown as Crypto);
const conversation = new Uint8Array(32).fill(1);

export const offer: Transcript = { role: 'offerer', ownFingerprint: 'AA', peerFingerprint: 'BB' };
export const answer: Transcript = { role: 'answerer', ownFingerprint: 'BB', peerFingerprint: 'AA' };

/** A new device. @param epochs that it holds, the newest first */
export async function party(...epochs: readonly number[]): Promise<HandshakeParty> {
	const { certificate, devicePrivateKey } = await newAccount(crypto);
	const held = await Promise.all(
		(epochs.length === 0 ? [2] : epochs).map((epoch) =>
			deriveEpochKeys(crypto.subtle, conversation, new Uint8Array(32).fill(epoch))
		)
	);
	return { crypto, conversation, epochs: held, certificate, devicePrivateKey };
}

export interface Proven {
	readonly one: PeerHandshake;
	readonly two: PeerHandshake;
	readonly proofA: Uint8Array;
	readonly proofB: Uint8Array;
}

/** Both ends up to the proofs. */
export async function prove(
	a: HandshakeParty,
	b: HandshakeParty,
	ofA: Transcript = offer,
	ofB: Transcript = answer
): Promise<Proven> {
	const [one, two] = [new PeerHandshake(a), new PeerHandshake(b)];
	const [proofA, proofB] = [await one.prove(two.hello(), ofA), await two.prove(one.hello(), ofB)];
	if (!proofA.ok || !proofB.ok) throw new Error('a proof could not be made');
	return { one, two, proofA: proofA.value, proofB: proofB.value };
}
