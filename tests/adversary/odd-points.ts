/**
 * Keys and signatures on which implementations of Ed25519 and X25519 are known to disagree (Chalkias, Garillot and
 * Nikolaenko, "Taming the many EdDSAs", 2020; RFC 7748, 6.1 and 7), and our verdict on each. Runs in Node and in pages.
 *
 * odd-points.json is computed: a key a·B and a nonce r·B, to which the points of the subgroup of order 8 are added. Where
 * a signature is refused, the equation would nevertheless hold wherever one can be found for which it does, so that
 * the verdict is that of the check and not of chance. Sound is what solves the equation without the cofactor, as WebCrypto
 * asks of engines (Secure Curves, "Ed25519", verify): parts of small order that cancel out are taken, others are not.
 */
import { verifyWith, type Bytes } from '../../src/lib/protocol/crypto';
import { hpkeSealPort } from '../../src/lib/protocol/seal';
import points from './odd-points.json' with { type: 'json' };

const { agreementKeys, signatures } = points;

const bytesOf = (hex: string): Bytes =>
	Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));

export const oddPointCount = signatures.length + agreementKeys.length;

/** @returns what this engine's verdict is another on */
export async function otherwiseJudged(subtle: SubtleCrypto): Promise<readonly string[]> {
	const place = { conversation: new Uint8Array(32), epoch: new Uint8Array(16) };
	const seals = hpkeSealPort();
	const judged = await Promise.all([
		...signatures.map(async ({ what, publicKey, signature, message, isSound }) => {
			const verdict = await verifyWith(subtle, bytesOf(publicKey), bytesOf(signature), bytesOf(message));
			return verdict === isSound ? [] : [`signature: ${what}`];
		}),
		...agreementKeys.map(async ({ what, key, isSound }) => {
			const sealed = await seals.seal(place, bytesOf(key), new Uint8Array(32));
			return sealed.ok === isSound ? [] : [`agreement key: ${what}`];
		})
	]);
	return judged.flat();
}
