/**
 * The secret part of a contact link, in the fragment of `…/add#…`, which browsers send to nobody:
 *
 *   "1." ‖ base64url( account key 32 · device key 32 · agreement key 32 · varint device number · device signature 64
 *   · inbox topic 32 · link secret 16 · text name · 4 bytes of SHA-256 over all before )
 *
 * It says whom one writes to, how to seal for them, where they look, and that the writer had the link: without the
 * secret an introduction is thrown away unread. A renewed link has another topic and another secret, so that the old one
 * leads nowhere. It names no relay: the topic is looked for at the relay that serves the app.
 */
import { fromBase64url, toBase64url } from './base64url';
import { ByteWriter, decodeWith, equalBytes } from './bytes';
import { readDeviceCertificate, writeDeviceCertificate, type DeviceCertificate } from './certificates';
import { sha256 } from './crypto';
import { inboxTopicLength } from './inbox-topic';
import { fail, ok, type Result } from './result';
import { nameLimitBytes } from './text-limits';

export interface ContactLink {
	/** Its signature has to be checked (checkDevice) before anything is sealed to it. */
	readonly certificate: DeviceCertificate;
	readonly topic: Uint8Array;
	readonly secret: Uint8Array;
	/** As the person calls themselves. */
	readonly name: string;
}

export type ContactLinkRejection = 'contact-link-broken' | 'contact-link-other-version';

export const linkSecretLength = 16;
const checksumLength = 4;
const linkLimitChars = 1_024;

export function encodeContactLink({ certificate, topic, secret, name }: ContactLink): string {
	const body = writeDeviceCertificate(new ByteWriter(512), certificate)
		.raw(topic)
		.raw(secret)
		.text(name)
		.done();
	return '1.' + toBase64url(new ByteWriter(512).raw(body).raw(checksumOf(body)).done());
}

/**
 * Contacts nobody and verifies nothing but the form.
 * @param text the link, or its fragment with or without '#'
 */
export function decodeContactLink(text: string): Result<ContactLink, ContactLinkRejection> {
	if (text.length > linkLimitChars) return fail('contact-link-broken');
	const fragment = text.slice(text.indexOf('#') + 1);
	const dot = fragment.indexOf('.');
	if (dot < 1 || !/^[0-9]{1,3}$/.test(fragment.slice(0, dot))) return fail('contact-link-broken');
	if (fragment.slice(0, dot) !== '1') return fail('contact-link-other-version');
	const bytes = fromBase64url(fragment.slice(dot + 1));
	if (!bytes.ok || bytes.value.length <= checksumLength) return fail('contact-link-broken');
	const body = bytes.value.subarray(0, -checksumLength);
	if (!equalBytes(checksumOf(body), bytes.value.subarray(-checksumLength)))
		return fail('contact-link-broken');
	const link = decodeWith(body, (reader): ContactLink => ({
		certificate: readDeviceCertificate(reader),
		topic: reader.take(inboxTopicLength),
		secret: reader.take(linkSecretLength),
		name: reader.text(nameLimitBytes)
	}));
	return link.ok && link.value.name.length > 0 ? ok(link.value) : fail('contact-link-broken');
}

const checksumOf = (body: Uint8Array): Uint8Array => sha256(body).subarray(0, checksumLength);
