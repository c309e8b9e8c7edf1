/** Names that are hashes: conversation, context, lane, account, grant. */
import { toBase64url } from './base64url';
import { ByteWriter } from './bytes';
import { writeCaps } from './caps';
import { sha256, type Bytes } from './crypto';
import type { HandoverRecord, OwnerRecord } from './authority-records';

/** The control segment holds authority; message segments are 1, 2, … (docs/decisions/0002). */
export const controlSegment = 0;

/** conversation id = SHA-256("conv/1" ‖ the genesis record's fields). */
export function conversationIdOf(genesisFields: Uint8Array): Bytes {
	return sha256(new ByteWriter().label('conv/1').raw(genesisFields).done());
}

/**
 * What signatures of a segment are bound to, and under which name a relay keeps it. Unguessable without the
 * conversation id, and different for each segment, so that a relay checks signatures but cannot link segments.
 * @param segment 0 … 2^32 - 1
 */
export function contextOf(conversation: Uint8Array, segment: number): Bytes {
	return sha256(new ByteWriter().label('context/1').raw(conversation).u32(segment).done());
}

export function documentNameOf(context: Uint8Array): string {
	return toBase64url(context);
}

/** First 53 bits of SHA-256("lane/1" ‖ lane key): the lane's number and its Yjs clientID. */
export function laneOf(lanePublicKey: Uint8Array): number {
	const hash = sha256(new ByteWriter(64).label('lane/1').raw(lanePublicKey).done());
	let lane = 0;
	for (let i = 0; i < 6; i++) lane = lane * 256 + (hash[i] as number);
	return lane * 32 + ((hash[6] as number) >> 3);
}

/** The account id, base64url: SHA-256 of the account's public key (protocol 1). */
export function accountIdOf(accountPublicKey: Uint8Array): string {
	return toBase64url(sha256(accountPublicKey));
}

/** The grant that a join by an open link makes: one account by one invitation is one grant, however often it joins. */
export function joinGrantOf(
	conversation: Uint8Array,
	invitePublicKey: Uint8Array,
	accountPublicKey: Uint8Array
): Bytes {
	return sha256(
		new ByteWriter().label('join/1').raw(conversation).raw(invitePublicKey).raw(accountPublicKey).done()
	);
}

/** What the owner signs to give the group away; the new seat is named by its hash. */
export function ownerBytes(conversation: Uint8Array, record: Omit<OwnerRecord, 'signature'>): Bytes {
	const { seat, account, grant, lane, consent, caps } = record;
	const writer = new ByteWriter().label('owner/1').raw(conversation).raw(seat).raw(account).raw(grant);
	return writeCaps(writer.varuint(lane).raw(consent), caps).done();
}

/**
 * The seat, and the tenure, that a transfer begins: the same wherever the record stands, so that it can be said again.
 * The founder's are the conversation id.
 */
export function seatOfOwner(conversation: Uint8Array, record: Omit<OwnerRecord, 'signature'>): Bytes {
	return sha256(ownerBytes(conversation, record));
}

/** What the owner signs to go on in another control lane; the seat there is named by its hash. */
export function handoverBytes(conversation: Uint8Array, record: Omit<HandoverRecord, 'signature'>): Bytes {
	const { tenure, account, counter, lane, caps } = record;
	const writer = new ByteWriter().label('handover/1').raw(conversation).raw(tenure).raw(account);
	return writeCaps(writer.varuint(counter).varuint(lane), caps).done();
}

export function seatOfHandover(conversation: Uint8Array, record: Omit<HandoverRecord, 'signature'>): Bytes {
	return sha256(handoverBytes(conversation, record));
}

/** Y.Map key of an entry; canonical, so that two entries can never meet in one key. */
export function entryKey(lane: number, clock: number): string {
	return `${lane.toString(36)}.${clock.toString(36)}`;
}
