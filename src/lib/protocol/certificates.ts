/** Who vouches for whom: account → device → lane, and invite key → account. All checks are WebCrypto's. */
import { ByteWriter } from './bytes';
import { sign, verifyWith, type Bytes, type CryptoPort, type SigningKeys } from './crypto';
import type { AddRecord, ForkRecord, LaneRecord } from './records';
import { laneOf } from './ids';

export interface DeviceCertificate {
	readonly account: Uint8Array;
	readonly device: Uint8Array;
	readonly agreement: Uint8Array;
	readonly deviceNumber: number;
	/** By the account key. */
	readonly deviceSignature: Uint8Array;
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
): Promise<AddRecord> {
	const signature = await sign(crypto.subtle, invite.privateKey, joinBytes(conversation, account));
	return { type: 'add', invitePublicKey: invite.publicKey, account, signature };
}

export function checkJoin(
	subtle: SubtleCrypto,
	record: AddRecord,
	conversation: Uint8Array
): Promise<boolean> {
	return verifyWith(
		subtle,
		record.invitePublicKey,
		record.signature,
		joinBytes(conversation, record.account)
	);
}

export const laneOfFork = (record: ForkRecord): number => laneOf(record.publicKey);
