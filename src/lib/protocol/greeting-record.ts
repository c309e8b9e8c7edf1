/**
 * `greeting`: first words to another member of a group, within the group (docs/decisions/0032). It does not say whom they
 * are for: every member tries to open it, and one can (greeting.ts).
 */
import { Malformed } from './bytes';
import { encapsulatedKeyLength } from './epoch-records';
import { padmeLength } from './padding';
import type { Codec } from './record-codec';

/** Of UTF-8. They stay with the group for good, so there are few of them. */
export const greetingTextLimitBytes = 1_536;
const tagLength = 16;
const ciphertextBounds = {
	least: padmeLength(1) + tagLength,
	// The text's length takes two bytes, the end of the padding one.
	most: padmeLength(greetingTextLimitBytes + 3) + tagLength
};

export interface GreetingRecord {
	readonly type: 'greeting';
	/** 32 bytes. */
	readonly encapsulated: Uint8Array;
	/** 48 … 1 616 bytes. */
	readonly ciphertext: Uint8Array;
}

const isAllowed = ({ length }: Uint8Array): boolean =>
	length >= ciphertextBounds.least && length <= ciphertextBounds.most;

export const greetingCodec: Codec<GreetingRecord> = {
	number: 50,
	class: 'control',
	write: (writer, { encapsulated, ciphertext }) => {
		if (encapsulated.length !== encapsulatedKeyLength || !isAllowed(ciphertext))
			throw new RangeError('a greeting of other lengths');
		writer.raw(encapsulated).block(ciphertext);
	},
	read: (reader) => {
		const encapsulated = reader.take(encapsulatedKeyLength);
		const ciphertext = reader.block(ciphertextBounds.most);
		if (!isAllowed(ciphertext)) throw new Malformed('length');
		return { type: 'greeting', encapsulated, ciphertext };
	}
};
