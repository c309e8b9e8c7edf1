/**
 * Introductions: a first message to somebody who does not know one yet, sealed into their inbox (docs/decisions/0020).
 *
 *   item      version 1 · encapsulated key 32 · HPKE( padded body )
 *             info "introduction/1" ‖ topic, additional data "introduction/1" ‖ recipient's agreement key
 *   body      device certificate · text name · varint time in seconds · text · proof 32 · signature 64
 *   proof     HMAC(link secret, "introduction-proof/1" ‖ topic ‖ sender's account key): its author had the link
 *   signature Ed25519(device key, "introduction/1" ‖ topic ‖ recipient's account key ‖ all of the body before)
 *
 * HPKE in base mode (hpke.ts): one bound to another topic or recipient does not open, and its signature would not
 * hold. It can be left again; whoever has it already knows it by its bytes.
 */
import { ByteWriter, Malformed, concatBytes, decodeWith, equalBytes, type MalformedReason } from './bytes';
import {
	checkDevice,
	readDeviceCertificate,
	writeDeviceCertificate,
	type DeviceCertificate
} from './certificates';
import type { ContactLink } from './contact-link';
import {
	hashLength,
	hmacSha256,
	sign,
	signatureLength,
	verifyWith,
	type Bytes,
	type SigningKeys
} from './crypto';
import { encapsulatedKeyLength } from './epoch-records';
import { hpkeOpen, hpkeSeal, type HpkeBinding } from './hpke';
import { inboxBlobLimitBytes } from './inbox';
import { nonEmpty, writeText } from './record-codec';
import { pad, unpad } from './padding';
import { fail, ok, type Result } from './result';
import { isSoundAgreementKey } from './seal';
import { nameLimitBytes } from './text-limits';

/** Less than a message may have: it has to fit into an item of an inbox together with everything else. */
export const firstTextLimitBytes = 14 * 1024;
const version = 1;

export interface Introduction {
	readonly certificate: DeviceCertificate;
	readonly name: string;
	/** Milliseconds since 1970, as its author claims; whole seconds. */
	readonly atMs: number;
	readonly text: string;
}

export type IntroductionRejection =
	| MalformedReason
	| 'introduction-key'
	| 'introduction-sealed'
	| 'introduction-proof'
	| 'introduction-certificate'
	| 'introduction-signature';

export interface Introducer {
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
	readonly name: string;
}

/** Whose inbox it lies in. */
export interface IntroductionRecipient {
	/** Public key. */
	readonly account: Uint8Array;
	readonly agreement: SigningKeys;
	readonly topic: Uint8Array;
	readonly linkSecret: Uint8Array;
}

const label = 'introduction/1';

const proofOf = (secret: Uint8Array, topic: Uint8Array, account: Uint8Array): Bytes =>
	hmacSha256(secret, new ByteWriter(128).label('introduction-proof/1').raw(topic).raw(account).done());

const signingBytes = (topic: Uint8Array, recipientAccount: Uint8Array, body: Uint8Array): Bytes =>
	new ByteWriter(body.length + 96).label(label).raw(topic).raw(recipientAccount).raw(body).done();

function bindingOf(topic: Uint8Array, agreement: Uint8Array): HpkeBinding {
	const boundTo = (bytes: Uint8Array): Bytes => new ByteWriter(64).label(label).raw(bytes).done();
	return { info: boundTo(topic), aad: boundTo(agreement) };
}

/**
 * @param to as read from a contact link; its certificate has been checked
 * @param text 1 … firstTextLimitBytes of UTF-8
 * @throws RangeError if the text is empty or too long
 */
export async function sealIntroduction(
	subtle: SubtleCrypto,
	from: Introducer,
	to: ContactLink,
	text: string,
	atMs: number
): Promise<Result<Bytes, 'introduction-key'>> {
	const { agreement, account } = to.certificate;
	if (!isSoundAgreementKey(agreement)) return fail('introduction-key');
	const writer = writeDeviceCertificate(new ByteWriter(1024), from.certificate);
	writeText(writer, from.name, nameLimitBytes);
	writer.varuint(Math.floor(atMs / 1000));
	writeText(writer, text, firstTextLimitBytes);
	const said = writer.raw(proofOf(to.secret, to.topic, from.certificate.account)).done();
	const signature = await sign(subtle, from.devicePrivateKey, signingBytes(to.topic, account, said));
	const plain = pad(concatBytes(said, signature));
	const sealed = await hpkeSeal(agreement, plain, bindingOf(to.topic, agreement));
	const item = new ByteWriter(inboxBlobLimitBytes)
		.u8(version)
		.raw(sealed.encapsulated)
		.raw(sealed.ciphertext);
	if (item.length > inboxBlobLimitBytes) throw new RangeError(`an introduction of ${item.length} bytes`);
	return ok(item.done());
}

/** Opens and judges an item of one's own inbox; what it gives is true but for the name, the text and the time. */
export async function openIntroduction(
	subtle: SubtleCrypto,
	recipient: IntroductionRecipient,
	item: Uint8Array
): Promise<Result<Introduction, IntroductionRejection>> {
	const plain = await unseal(recipient, item);
	if (!plain.ok) return plain;
	const read = readBody(plain.value);
	if (!read.ok) return read;
	const { introduction, proof, signed, signature } = read.value;
	const { certificate } = introduction;
	if (!equalBytes(proof, proofOf(recipient.linkSecret, recipient.topic, certificate.account)))
		return fail('introduction-proof');
	if (!isSoundAgreementKey(certificate.agreement) || !(await checkDevice(subtle, certificate)))
		return fail('introduction-certificate');
	const bytes = signingBytes(recipient.topic, recipient.account, signed);
	if (!(await verifyWith(subtle, certificate.device, signature, bytes)))
		return fail('introduction-signature');
	return ok(introduction);
}

async function unseal(
	{ agreement, topic }: IntroductionRecipient,
	item: Uint8Array
): Promise<Result<Uint8Array, IntroductionRejection>> {
	const parts = decodeWith(item, (reader) => {
		if (reader.u8() !== version) throw new Malformed('version');
		const encapsulated = reader.take(encapsulatedKeyLength);
		return { encapsulated, ciphertext: reader.take(reader.left) };
	});
	if (!parts.ok) return parts;
	if (!isSoundAgreementKey(parts.value.encapsulated)) return fail('introduction-key');
	const opened = await hpkeOpen(agreement, parts.value, bindingOf(topic, agreement.publicKey));
	return opened === null ? fail('introduction-sealed') : ok(opened);
}

interface ReadBody {
	readonly introduction: Introduction;
	readonly proof: Uint8Array;
	readonly signed: Uint8Array;
	readonly signature: Uint8Array;
}

/** Strict; for what has been opened. Exported for tests of the decoder. */
export function readBody(plain: Uint8Array): Result<ReadBody, MalformedReason> {
	const body = decodeWith(plain, (reader) => unpad(reader.take(reader.left)));
	if (!body.ok) return body;
	return decodeWith(body.value, (reader): ReadBody => {
		const certificate = readDeviceCertificate(reader);
		const name = nonEmpty(reader.text(nameLimitBytes));
		const atMs = reader.varuint() * 1000;
		if (!Number.isSafeInteger(atMs)) throw new Malformed('range');
		const text = nonEmpty(reader.text(firstTextLimitBytes));
		const proof = reader.take(hashLength);
		const signed = body.value.subarray(0, reader.position);
		const signature = reader.take(signatureLength);
		return { introduction: { certificate, name, atMs, text }, proof, signed, signature };
	});
}
