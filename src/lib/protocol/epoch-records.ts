/**
 * Records of epochs (protocol 5). A removal carries the epoch that it begins, so that the two are one record.
 *
 *   epoch part   newcomers 1 · [where these are `none`: first segment, varuint] · parents: count 1 … 8, then 16 bytes each, ascending · commitment 32 · seals
 *   seals        count ≤ 320, then recipient 8 · encapsulated key 32 · ciphertext of a 32-byte secret 48
 *   past         epoch 16 · links: count 1 … 8, ascending by parent, then parent 16 · control link 48 · flag 1 ·
 *                [secret link 48]
 *
 * Seals lead from an epoch to devices; links lead from an epoch to its parents (epoch-link.ts), so that whoever is let
 * in today can go back as far as the group allows, and nobody has to seal a long past to every newcomer. A new epoch is
 * announced under one of its parents, for those who are to follow; its past is said under itself, for those who come.
 */
import { Malformed, compareBytes, type ByteReader, type ByteWriter } from './bytes';
import { segmentNumberLimit } from './sync-frames';
import { hashLength } from './crypto';
import { epochIdLength } from './epoch';
import {
	readChoice,
	readFlag,
	readIdSet,
	readList,
	writeChoice,
	writeFlag,
	writeIdSet,
	writeList,
	type Codec
} from './record-codec';

export const recipientLength = 8;
export const encapsulatedKeyLength = 32;
/** 32 bytes of secret and the tag. */
export const sealedSecretLength = 48;

export const parentsLimit = 8;
/** 200 devices and the invitations that are open; with a thousand caps beside them an entry stays below 64 KiB. */
export const sealsLimit = 320;
const parentBounds = { least: 1, most: parentsLimit };
const sealBounds = { least: 0, most: sealsLimit };
const resealBounds = { least: 1, most: sealsLimit };
const unopenedBounds = { least: 1, most: 16 };

const sealedKinds = ['secret', 'control'] as const;
/** The whole secret, or what opens control entries alone. */
export type SealedKind = (typeof sealedKinds)[number];

const newcomerTerms = ['secret', 'control', 'approved', 'none'] as const;
/**
 * What newcomers get of an epoch and what was before it. secret: everything, from the invitation on. approved:
 * everything once they are members; an invitation opens who is one, and no message (docs/decisions/0022). control: what
 * is said from when they came; before it, who was a member. none: the same, and what was said before is not passed on to
 * them either (docs/decisions/0034).
 */
export type NewcomerTerms = (typeof newcomerTerms)[number];

/** Whether members may read what was said before they came. */
export const revealsPast = (terms: NewcomerTerms): boolean => terms === 'secret' || terms === 'approved';

/** What an invitation may be given at most. */
export const kindForInvites = (terms: NewcomerTerms): SealedKind =>
	terms === 'secret' ? 'secret' : 'control';

/** A secret for one recipient: HPKE (RFC 9180), base mode. */
export interface Seal {
	/** Names the device, or the invitation, to whose X25519 key it is sealed. */
	readonly recipient: Uint8Array;
	readonly encapsulated: Uint8Array;
	readonly ciphertext: Uint8Array;
}

/** An epoch that was there before. */
export interface ParentLink {
	readonly epoch: Uint8Array;
	/** The parent's control secret, for holders of the child's control secret. */
	readonly control: Uint8Array;
	/** The parent's secret, for holders of the child's secret; null where newcomers are not to read what was said. */
	readonly secret: Uint8Array | null;
}

export interface EpochPart {
	/** What seals to invitations hold at most, and whether links lead back to what was said. */
	readonly newcomers: NewcomerTerms;
	/** With the terms `none`, and only then: nothing is said under it in a message segment before this one. */
	readonly firstSegment?: number;
	/** Ids. More than one for an epoch that merges what raced. */
	readonly parents: readonly Uint8Array[];
	/** To the secret, see epochCommitment; its first 16 bytes are the epoch's id. */
	readonly commitment: Uint8Array;
	readonly seals: readonly Seal[];
}

/** Begins an epoch without removing anybody: a refresh (one parent) or a merge (several). */
export interface EpochRecord extends EpochPart {
	readonly type: 'epoch';
}

/** Seals an epoch that exists for devices that lack it: newcomers, or whoever found a bad seal. */
export interface SealRecord {
	readonly type: 'seal';
	readonly epoch: Uint8Array;
	readonly kind: SealedKind;
	readonly seals: readonly Seal[];
}

/** Links of an epoch to parents of it, said by anybody who holds both. */
export interface PastRecord {
	readonly type: 'past';
	readonly epoch: Uint8Array;
	readonly links: readonly ParentLink[];
}

/** A device's word that a seal or a link gave it nothing, or something that does not fit the commitment. */
export interface UnopenedRecord {
	readonly type: 'unopened';
	/** Of the device's agreement key: lanes name devices, seals name these. */
	readonly recipient: Uint8Array;
	readonly epochs: readonly Uint8Array[];
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

function writeLinks(writer: ByteWriter, links: readonly ParentLink[]): void {
	const sorted = [...links].sort((a, b) => compareBytes(a.epoch, b.epoch));
	if (sorted.some(({ epoch }, i) => i > 0 && compareBytes((sorted[i - 1] as ParentLink).epoch, epoch) === 0))
		throw new RangeError('a parent named twice');
	writeList(writer, sorted, parentBounds, ({ epoch, control, secret }) => {
		if (epoch.length !== epochIdLength || control.length !== sealedSecretLength)
			throw new RangeError('a link of other lengths');
		if (secret !== null && secret.length !== sealedSecretLength)
			throw new RangeError('a link of other lengths');
		writeFlag(writer.raw(epoch).raw(control), secret !== null).raw(secret ?? new Uint8Array(0));
	});
}

function readLinks(reader: ByteReader): readonly ParentLink[] {
	const links = readList(reader, parentBounds, () => ({
		epoch: reader.take(epochIdLength),
		control: reader.take(sealedSecretLength),
		secret: readFlag(reader) ? reader.take(sealedSecretLength) : null
	}));
	for (let i = 1; i < links.length; i++) {
		if (compareBytes((links[i - 1] as ParentLink).epoch, (links[i] as ParentLink).epoch) >= 0)
			throw new Malformed('range');
	}
	return links;
}

/** @throws RangeError if it has too many seals or parents, some of other lengths, or begins in no segment */
export function writeEpochPart(writer: ByteWriter, part: EpochPart): void {
	const { newcomers, firstSegment = 0 } = part;
	writeChoice(writer, newcomerTerms, newcomers);
	if (newcomers === 'none') {
		if (!isMessageSegment(firstSegment)) throw new RangeError(`an epoch that begins in ${firstSegment}`);
		writer.varuint(firstSegment);
	}
	writeIdSet(writer, part.parents, epochIdLength, parentBounds);
	writeSeals(writer.raw(part.commitment), part.seals, sealBounds);
}

export function readEpochPart(reader: ByteReader): EpochPart {
	const newcomers = readChoice(reader, newcomerTerms);
	return {
		newcomers,
		...(newcomers === 'none' ? { firstSegment: readFirstSegment(reader) } : {}),
		parents: readIdSet(reader, epochIdLength, parentBounds),
		commitment: reader.take(hashLength),
		seals: readSeals(reader, sealBounds)
	};
}

const isMessageSegment = (segment: number): boolean => segment >= 1 && segment <= segmentNumberLimit;

function readFirstSegment(reader: ByteReader): number {
	const segment = reader.varuint();
	if (!isMessageSegment(segment)) throw new Malformed('range');
	return segment;
}

export const epochCodecs: {
	readonly epoch: Codec<EpochRecord>;
	readonly seal: Codec<SealRecord>;
	readonly unopened: Codec<UnopenedRecord>;
	readonly past: Codec<PastRecord>;
} = {
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
			epoch: r.take(epochIdLength),
			kind: readChoice(r, sealedKinds),
			seals: readSeals(r, resealBounds)
		})
	},
	unopened: {
		number: 45,
		class: 'control',
		write: (w, r) => writeIdSet(w.raw(r.recipient), r.epochs, epochIdLength, unopenedBounds),
		read: (r) => ({
			type: 'unopened',
			recipient: r.take(recipientLength),
			epochs: readIdSet(r, epochIdLength, unopenedBounds)
		})
	},
	past: {
		number: 46,
		class: 'control',
		write: (w, r) => writeLinks(w.raw(r.epoch), r.links),
		read: (r) => ({ type: 'past', epoch: r.take(epochIdLength), links: readLinks(r) })
	}
};
