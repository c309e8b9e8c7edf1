/** Who vouches for whom: account → device → lane, and invite key → account. All checks are WebCrypto's. */
import {
	publicKeyLength,
	sign,
	signatureLength,
	verifyWith,
	type Bytes,
	type CryptoPort,
	type SigningKeys
} from './crypto';
import { ByteWriter, type ByteReader } from './bytes';
import { writeCaps } from './caps';
import type {
	DeviceRemoveRecord,
	ForkRecord,
	HandoverRecord,
	JoinRecord,
	LaneRecord,
	OwnerRecord
} from './records';
import { handoverBytes, laneOf, ownerBytes } from './ids';

export interface DeviceCertificate {
	readonly account: Uint8Array;
	readonly device: Uint8Array;
	readonly agreement: Uint8Array;
	readonly deviceNumber: number;
	/** By the account key. */
	readonly deviceSignature: Uint8Array;
}

/** A certificate where it stands outside of entries: in contact links and introductions. */
export function writeDeviceCertificate(writer: ByteWriter, c: DeviceCertificate): ByteWriter {
	return writer.raw(c.account).raw(c.device).raw(c.agreement).varuint(c.deviceNumber).raw(c.deviceSignature);
}

export function readDeviceCertificate(reader: ByteReader): DeviceCertificate {
	return {
		account: reader.take(publicKeyLength),
		device: reader.take(publicKeyLength),
		agreement: reader.take(publicKeyLength),
		deviceNumber: reader.varuint(),
		deviceSignature: reader.take(signatureLength)
	};
}

const deviceBytes = (c: Omit<DeviceCertificate, 'deviceSignature'>): Bytes =>
	new ByteWriter()
		.label('dev/1')
		.raw(c.account)
		.raw(c.device)
		.raw(c.agreement)
		.varuint(c.deviceNumber)
		.done();

const laneBytes = (context: Uint8Array, lanePublicKey: Uint8Array, grant: Uint8Array): Bytes =>
	new ByteWriter().label('lane/1').raw(context).raw(lanePublicKey).raw(grant).done();

const joinBytes = (conversation: Uint8Array, account: Uint8Array): Bytes =>
	new ByteWriter().label('join/1').raw(conversation).raw(account).done();

export async function certifyDevice(
	crypto: CryptoPort,
	account: SigningKeys,
	device: { readonly device: Uint8Array; readonly agreement: Uint8Array; readonly deviceNumber: number }
): Promise<DeviceCertificate> {
	const unsigned = { account: account.publicKey, ...device };
	return {
		...unsigned,
		deviceSignature: await sign(crypto.subtle, account.privateKey, deviceBytes(unsigned))
	};
}

export function checkDevice(subtle: SubtleCrypto, c: DeviceCertificate): Promise<boolean> {
	return verifyWith(subtle, c.account, c.deviceSignature, deviceBytes(c));
}

/** @param context of the segment that the lane is for */
export async function certifyLane(
	crypto: CryptoPort,
	certificate: DeviceCertificate,
	devicePrivateKey: CryptoKey,
	context: Uint8Array,
	lanePublicKey: Uint8Array,
	grant: Uint8Array
): Promise<LaneRecord> {
	const laneSignature = await sign(crypto.subtle, devicePrivateKey, laneBytes(context, lanePublicKey, grant));
	return { type: 'lane', grant, ...certificate, laneSignature };
}

/** Both links of the chain; whether the grant exists is the fold's question. */
export async function checkLane(
	subtle: SubtleCrypto,
	record: LaneRecord,
	context: Uint8Array,
	lanePublicKey: Uint8Array
): Promise<boolean> {
	return (
		(await checkDevice(subtle, record)) &&
		(await verifyWith(
			subtle,
			record.device,
			record.laneSignature,
			laneBytes(context, lanePublicKey, record.grant)
		))
	);
}

export async function signJoin(
	crypto: CryptoPort,
	invite: SigningKeys,
	conversation: Uint8Array,
	account: Uint8Array
): Promise<JoinRecord> {
	const signature = await sign(crypto.subtle, invite.privateKey, joinBytes(conversation, account));
	return { type: 'join', invitePublicKey: invite.publicKey, account, signature };
}

export function checkJoin(
	subtle: SubtleCrypto,
	record: JoinRecord,
	conversation: Uint8Array
): Promise<boolean> {
	return verifyWith(
		subtle,
		record.invitePublicKey,
		record.signature,
		joinBytes(conversation, record.account)
	);
}

const deviceRemovalBytes = (conversation: Uint8Array, r: Omit<DeviceRemoveRecord, 'signature'>): Bytes =>
	writeCaps(
		new ByteWriter().label('device-remove/1').raw(conversation).raw(r.account).raw(r.device),
		r.caps
	).done();

/** Gives the group away: the owner's account key signs (docs/decisions/0012). @param record all but the signature */
export async function signOwner(
	crypto: CryptoPort,
	account: SigningKeys,
	conversation: Uint8Array,
	record: Omit<OwnerRecord, 'signature' | 'account'>
): Promise<OwnerRecord> {
	const unsigned = { ...record, account: account.publicKey };
	const signature = await sign(crypto.subtle, account.privateKey, ownerBytes(conversation, unsigned));
	return { ...unsigned, signature };
}

export function checkOwner(
	subtle: SubtleCrypto,
	record: OwnerRecord,
	conversation: Uint8Array
): Promise<boolean> {
	return verifyWith(subtle, record.account, record.signature, ownerBytes(conversation, record));
}

/** @param record all but the signature */
export async function signHandover(
	crypto: CryptoPort,
	account: SigningKeys,
	conversation: Uint8Array,
	record: Omit<HandoverRecord, 'signature' | 'account'>
): Promise<HandoverRecord> {
	const unsigned = { ...record, account: account.publicKey };
	const signature = await sign(crypto.subtle, account.privateKey, handoverBytes(conversation, unsigned));
	return { ...unsigned, signature };
}

export function checkHandover(
	subtle: SubtleCrypto,
	record: HandoverRecord,
	conversation: Uint8Array
): Promise<boolean> {
	return verifyWith(subtle, record.account, record.signature, handoverBytes(conversation, record));
}

/** @param record all but the signature */
export async function signDeviceRemoval(
	crypto: CryptoPort,
	account: SigningKeys,
	conversation: Uint8Array,
	record: Omit<DeviceRemoveRecord, 'signature' | 'account'>
): Promise<DeviceRemoveRecord> {
	const unsigned = { ...record, account: account.publicKey };
	const signature = await sign(crypto.subtle, account.privateKey, deviceRemovalBytes(conversation, unsigned));
	return { ...unsigned, signature };
}

/** Without a signature of the account there is nothing to check here: the fold looks at the device that says so. */
export async function checkDeviceRemoval(
	subtle: SubtleCrypto,
	record: DeviceRemoveRecord,
	conversation: Uint8Array
): Promise<boolean> {
	if (record.signature === null) return true;
	return verifyWith(subtle, record.account, record.signature, deviceRemovalBytes(conversation, record));
}

export const laneOfFork = (record: ForkRecord): number => laneOf(record.publicKey);
