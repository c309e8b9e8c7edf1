/**
 * What a `greeting` says, sealed to one device (docs/decisions/0032). HPKE (hpke.ts):
 *
 *   info   "greeting/1" ‖ group
 *   aad    "greeting/1" ‖ account id of who says it ‖ recipient's agreement key
 *   plain  text, padded by Padmé
 *
 * Who says it is the account of the lane in which it stands, and its entry's signature is theirs: nobody can say
 * another's greeting again as their own, and there is nothing else to prove.
 */
import { ByteWriter, decodeWith } from './bytes';
import { hashLength, type SigningKeys } from './crypto';
import { greetingTextLimitBytes, type GreetingRecord } from './greeting-record';
import { hpkeOpen, hpkeSeal, type HpkeBinding } from './hpke';
import { pad, unpad } from './padding';
import { nonEmpty, writeText } from './record-codec';
import { fail, ok, type Result } from './result';
import { isSoundAgreementKey } from './seal';

/** closed: for somebody else, or not what was sealed · text: it opens, and says nothing that can be read */
export type GreetingRejection = 'greeting-closed' | 'greeting-text';

export interface GreetingPlace {
	/** Id of the group, 32 bytes. */
	readonly group: Uint8Array;
	/** Account id of who says it, 32 bytes. */
	readonly from: Uint8Array;
}

function bindingOf({ group, from }: GreetingPlace, agreement: Uint8Array): HpkeBinding {
	if (from.length !== hashLength) throw new RangeError(`an account id of ${from.length} bytes`);
	return {
		info: new ByteWriter(48).label('greeting/1').raw(group).done(),
		aad: new ByteWriter(80).label('greeting/1').raw(from).raw(agreement).done()
	};
}

/**
 * @param agreement of the recipient's device, from a certificate that has been checked
 * @param text 1 … greetingTextLimitBytes of UTF-8
 * @throws RangeError if the text is empty or too long
 */
export async function sealGreeting(
	place: GreetingPlace,
	agreement: Uint8Array,
	text: string
): Promise<Result<GreetingRecord, 'agreement-key'>> {
	const plain = new ByteWriter(greetingTextLimitBytes + 8);
	writeText(plain, text, greetingTextLimitBytes);
	if (!isSoundAgreementKey(agreement)) return fail('agreement-key');
	const sealed = await hpkeSeal(agreement, pad(plain.done()), bindingOf(place, agreement));
	return ok({ type: 'greeting', ...sealed });
}

/**
 * @param keys X25519, of this device
 * @throws RangeError if the account id has another length
 */
export async function openGreeting(
	place: GreetingPlace,
	keys: SigningKeys,
	greeting: GreetingRecord
): Promise<Result<string, GreetingRejection>> {
	if (!isSoundAgreementKey(greeting.encapsulated)) return fail('greeting-closed');
	const plain = await hpkeOpen(keys, greeting, bindingOf(place, keys.publicKey));
	// Most are for others.
	if (plain === null) return fail('greeting-closed');
	const body = decodeWith(plain, (reader) => unpad(reader.take(reader.left)));
	const text = body.ok
		? decodeWith(body.value, (reader) => nonEmpty(reader.text(greetingTextLimitBytes)))
		: body;
	return text.ok ? text : fail('greeting-text');
}
