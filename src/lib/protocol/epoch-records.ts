/**
 * Records of epochs (protocol 5). A removal carries the epoch that it begins, so that the two are one record.
 *
 *   epoch part   parents: count 1 … 8, then 8 bytes each, ascending · commitment 32 · seals
 *   seals        count ≤ 320, then recipient 8 · encapsulated key 32 · ciphertext of a 32-byte secret 48
 */
import type { ByteReader, ByteWriter } from './bytes';
import { hashLength } from './crypto';
import {
	readChoice,
	readIdSet,
	readList,
	writeChoice,
	writeIdSet,
	writeList,
	type Codec
} from './record-codec';

export const epochNameLength = 8;
export const recipientLength = 8;
export const encapsulatedKeyLength = 32;
/** 32 bytes of secret and the tag. */
export const sealedSecretLength = 48;

const parentBounds = { least: 1, most: 8 };
/** 200 devices and the invitations that are open; with a thousand caps beside them an entry stays below 64 KiB. */
const sealBounds = { least: 0, most: 320 };
const resealBounds = { least: 1, most: 320 };

/** A secret for one recipient: HPKE (RFC 9180), base mode. */
export interface Seal {
	/** Names the device, or the invitation, to whose X25519 key it is sealed. */
	readonly recipient: Uint8Array;
	readonly encapsulated: Uint8Array;
	readonly ciphertext: Uint8Array;
}

export interface EpochPart {
	/** Epoch ids; more than one for an epoch that merges what raced. */
	readonly parents: readonly Uint8Array[];
	/** To the secret, see epochCommitment; its first 8 bytes are the epoch's id. */
	readonly commitment: Uint8Array;
	readonly seals: readonly Seal[];
}

/** Begins an epoch without removing anybody: a refresh (one parent) or a merge (several). */
export interface EpochRecord extends EpochPart {
	readonly type: 'epoch';
}

const sealedKinds = ['secret', 'control'] as const;

/** Seals an epoch that exists for devices that lack it: newcomers, or whoever found a bad seal. */
export interface SealRecord {
	readonly type: 'seal';
	readonly epoch: Uint8Array;
	/** The whole secret, or what opens control entries alone. */
	readonly kind: (typeof sealedKinds)[number];
	readonly seals: readonly Seal[];
}

function writeSeals(writer: ByteWriter, seals: readonly Seal[], bounds: typeof sealBounds): void {
	writeList(writer, seals, bounds, ({ recipient, encapsulated, ciphertext }) => {
		if (
			recipient.length !== recipientLength ||
			encapsulated.length !== encapsulatedKeyLength ||
			ciphertext.length !== sealedSecretLength
		)
			throw new RangeError('a seal of other lengths');
		writer.raw(recipient).raw(encapsulated).raw(ciphertext);
	});
}

const readSeals = (reader: ByteReader, bounds: typeof sealBounds): readonly Seal[] =>
	readList(reader, bounds, () => ({
		recipient: reader.take(recipientLength),
		encapsulated: reader.take(encapsulatedKeyLength),
		ciphertext: reader.take(sealedSecretLength)
	}));

export function writeEpochPart(writer: ByteWriter, { parents, commitment, seals }: EpochPart): void {
	writeIdSet(writer, parents, epochNameLength, parentBounds);
	writeSeals(writer.raw(commitment), seals, sealBounds);
}

export const readEpochPart = (reader: ByteReader): EpochPart => ({
	parents: readIdSet(reader, epochNameLength, parentBounds),
	commitment: reader.take(hashLength),
	seals: readSeals(reader, sealBounds)
});

export const epochCodecs: { readonly epoch: Codec<EpochRecord>; readonly seal: Codec<SealRecord> } = {
	epoch: {
		number: 41,
		class: 'control',
		write: writeEpochPart,
		read: (r) => ({ type: 'epoch', ...readEpochPart(r) })
	},
	seal: {
		number: 42,
		class: 'control',
		write: (w, r) => writeSeals(writeChoice(w.raw(r.epoch), sealedKinds, r.kind), r.seals, resealBounds),
		read: (r) => ({
			type: 'seal',
			epoch: r.take(epochNameLength),
			kind: readChoice(r, sealedKinds),
			seals: readSeals(r, resealBounds)
		})
	}
};
