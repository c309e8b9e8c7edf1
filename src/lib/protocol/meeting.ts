/**
 * Where the members of a conversation meet: the signalling room, its password, and the topic on which they ring. From a
 * secret that is the same for good, so that nobody who was away during a change of epochs looks for the others in vain
 * (docs/decisions/0019). It comes from the first epoch; links carry it beside a later one.
 *
 *   meeting secret   HKDF(control secret of the first epoch, conversation, "meet/1"), 16 bytes
 */
import { toBase64url } from './base64url';
import { ByteWriter } from './bytes';
import { deriveBytes, type Bytes } from './crypto';
import { controlSecretOf } from './epoch';

export const meetingSecretLength = 16;

export interface Meeting {
	/** Signalling topic. */
	readonly room: string;
	/** Seals signalling payloads (y-webrtc's password). */
	readonly roomPassword: string;
	/** Signalling topic on which members ring conversations that are not connected. */
	readonly bell: string;
}

const label = (text: string): Bytes => new ByteWriter().label(text).done();

/** @param firstSecret of the epoch with which the conversation began, 32 bytes */
export function meetingSecretOf(conversation: Uint8Array, firstSecret: Uint8Array): Bytes {
	return deriveBytes(controlSecretOf(firstSecret), conversation, label('meet/1'), meetingSecretLength);
}

export function meetingOf(conversation: Uint8Array, meetingSecret: Uint8Array): Meeting {
	const derive = (info: string): string =>
		toBase64url(deriveBytes(meetingSecret, conversation, label(info), 32));
	return { room: derive('room/1'), roomPassword: derive('room-password/1'), bell: derive('bell/1') };
}
