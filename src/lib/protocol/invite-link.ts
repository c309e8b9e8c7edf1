/**
 * The secret part of an open link, in the fragment of `…/join#…`, which browsers send to nobody:
 *
 *   "1." ‖ base64url( conversation 32 · epoch secret 32 · invite seed 32 · varint newest segment · varint expiry in
 *   seconds · text group name · [1 byte 1: for one person] · 4 bytes of SHA-256 over all before )
 *   "2." ‖ the same with, behind the seed, meeting secret 16 · u8 what the epoch secret is (0 whole, 1 control); the
 *   checksum is then over "link/2" and all before
 *
 * It holds the secret of the epoch in which it was made, so that a newcomer can join while no member is online; epochs
 * that have begun since are sealed to the seed while the invitation is open (docs/decisions/0019). The longer form is
 * for conversations that are beyond their first epoch, from which the meeting secret follows.
 */
import { ByteReader, ByteWriter, Malformed, concatBytes, decodeWith, equalBytes } from './bytes';
import { fromBase64url, toBase64url } from './base64url';
import { deriveBytes, sha256, type Bytes, type SigningKeys } from './crypto';
import type { SealedKind } from './epoch-records';
import { meetingSecretLength, meetingSecretOf } from './meeting';
import { readChoice } from './record-codec';
import { fail, ok, type Result } from './result';
import { nameLimitBytes } from './text-limits';

export interface InviteLink {
	readonly conversation: Uint8Array;
	readonly epochSecret: Uint8Array;
	/** Whether it opens what was said, or only who is a member. */
	readonly epochKind: SealedKind;
	/** Where the others are to be met, see meeting.ts. */
	readonly meeting: Uint8Array;
	/** Seed of the invite key (Ed25519). */
	readonly seed: Uint8Array;
	/** Newest message segment known to the inviter: where a newcomer begins to read. */
	readonly segment: number;
	readonly expiresAtMs: number;
	readonly groupName: string;
	/** personal: one person comes in by it, once the device that made it takes them. */
	readonly kind: 'open' | 'personal';
}

export type InviteLinkRejection = 'invite-broken' | 'invite-other-version';
const epochKinds = ['secret', 'control'] as const;
const checksumLength = 4;
const linkLimitChars = 1_024;
/** Of a link for one person; an open one has no such byte. */
const personalMark = 1;

function checksumOf(version: '1' | '2', body: Uint8Array): Uint8Array {
	const covered = version === '1' ? body : new ByteWriter().label('link/2').raw(body).done();
	return sha256(covered).subarray(0, checksumLength);
}

export function encodeInviteLink(link: InviteLink): string {
	const { conversation, epochSecret, epochKind, meeting } = link;
	const isFirst = epochKind === 'secret' && equalBytes(meeting, meetingSecretOf(conversation, epochSecret));
	const head = new ByteWriter().raw(conversation).raw(epochSecret).raw(link.seed);
	if (!isFirst) head.raw(meeting).u8(epochKinds.indexOf(epochKind));
	const body = head
		.varuint(link.segment)
		.varuint(Math.floor(link.expiresAtMs / 1000))
		.text(link.groupName)
		.raw(link.kind === 'personal' ? Uint8Array.of(personalMark) : new Uint8Array(0))
		.done();
	const version = isFirst ? '1' : '2';
	return `${version}.${toBase64url(concatBytes(body, checksumOf(version, body)))}`;
}

/** @param fragment with or without '#' */
export function decodeInviteLink(fragment: string): Result<InviteLink, InviteLinkRejection> {
	const text = fragment.startsWith('#') ? fragment.slice(1) : fragment;
	const dot = text.indexOf('.');
	if (text.length > linkLimitChars || dot < 1 || !/^[0-9]{1,3}$/.test(text.slice(0, dot)))
		return fail('invite-broken');
	const version = text.slice(0, dot);
	if (version !== '1' && version !== '2') return fail('invite-other-version');
	const bytes = fromBase64url(text.slice(dot + 1));
	if (!bytes.ok || bytes.value.length <= checksumLength) return fail('invite-broken');
	const body = bytes.value.subarray(0, -checksumLength);
	const checksum = bytes.value.subarray(-checksumLength);
	if (!equalBytes(checksumOf(version, body), checksum)) return fail('invite-broken');
	const link = decodeWith(body, (reader): InviteLink => {
		const [conversation, epochSecret, seed] = [reader.take(32), reader.take(32), reader.take(32)];
		const isFirst = version === '1';
		return {
			conversation,
			epochSecret,
			seed,
			meeting: isFirst ? meetingSecretOf(conversation, epochSecret) : reader.take(meetingSecretLength),
			epochKind: isFirst ? 'secret' : readChoice(reader, epochKinds),
			segment: reader.varuint(),
			expiresAtMs: reader.varuint() * 1000,
			groupName: reader.text(nameLimitBytes),
			kind: readKind(reader)
		};
	});
	return link.ok ? ok(link.value) : fail('invite-broken');
}

function readKind(reader: ByteReader): InviteLink['kind'] {
	if (reader.left === 0) return 'open';
	if (reader.u8() !== personalMark) throw new Malformed('type');
	return 'personal';
}

/** PKCS #8 framing of a private key of Ed25519 (0x70) or X25519 (0x6e): RFC 8410, 7. */
const pkcs8Of = (algorithm: 0x70 | 0x6e, seed: Uint8Array): Bytes =>
	new ByteWriter(48)
		.raw(Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, algorithm, 4, 0x22, 4, 0x20))
		.raw(seed)
		.done();

/** The signing keys that a 32-byte seed stands for. */
export async function signingKeysOfSeed(subtle: SubtleCrypto, seed: Uint8Array): Promise<SigningKeys> {
	const pkcs8 = pkcs8Of(0x70, seed);
	const extractable = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
	const jwk = await subtle.exportKey('jwk', extractable);
	const publicKey = fromBase64url(jwk.x ?? '');
	if (!publicKey.ok) throw new Error('the engine exported no public key');
	const privateKey = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
	return { privateKey, publicKey: publicKey.value as Bytes };
}

/** The X25519 keys of an invitation, to which epochs are sealed while it is open; from the same seed as its Ed25519 key. */
export async function agreementKeysOfSeed(subtle: SubtleCrypto, seed: Uint8Array): Promise<SigningKeys> {
	const label = (text: string): Bytes => new ByteWriter().label(text).done();
	const pkcs8 = pkcs8Of(0x6e, deriveBytes(seed, label('skein/invite/1'), label('x25519'), 32));
	const extractable = await subtle.importKey('pkcs8', pkcs8, 'X25519', true, ['deriveBits']);
	const jwk = await subtle.exportKey('jwk', extractable);
	const publicKey = fromBase64url(jwk.x ?? '');
	if (!publicKey.ok) throw new Error('the engine exported no public key');
	const privateKey = await subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
	return { privateKey, publicKey: publicKey.value as Bytes };
}
