/**
 * What a control record says, in the fold's terms: ids as text, accounts and grants worked out. Made once a record and
 * kept as long as the record, because hashing and encoding are most of what a fold would cost.
 */
import { toBase64url } from '../../protocol/base64url';
import { equalBytes } from '../../protocol/bytes';
import type { Cap } from '../../protocol/caps';
import { laneOfFork } from '../../protocol/certificates';
import { directConversationOf, directGrantOf } from '../../protocol/direct';
import {
	accountIdOf,
	conversationIdOf,
	joinGrantOf,
	laneOf,
	seatOfHandover,
	seatOfOwner
} from '../../protocol/ids';
import {
	encodeFields,
	noAuthority,
	type AddRecord,
	type InviteRecord,
	type KnownRecord,
	type RoleRecord,
	type SettingsRecord,
	type UnknownRecord
} from '../../protocol/records';

/** Characters of base64url that the 16 bytes of a cap's id fill completely. */
const capIdChars = 21;
/** The `auth` of acts that need no more than membership. */
export const membership = toBase64url(noAuthority);

export interface CapClaim {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	readonly idPrefix: string;
}

export interface LaneStatement {
	readonly type: 'lane';
	readonly grant: string;
	readonly account: string;
	readonly device: string;
	readonly deviceNumber: number;
	readonly agreement: Uint8Array;
}

export interface OwnerStatement {
	readonly type: 'owner';
	readonly seat: string;
	readonly account: string;
	readonly grant: string;
	readonly lane: number;
	readonly consent: string;
	readonly caps: readonly CapClaim[];
	readonly newSeat: string;
}

export interface HandoverStatement {
	readonly type: 'handover';
	readonly tenure: string;
	readonly account: string;
	readonly counter: number;
	readonly lane: number;
	readonly caps: readonly CapClaim[];
	readonly newSeat: string;
}

export interface DeviceRemoveStatement {
	readonly type: 'device-remove';
	readonly account: string;
	readonly device: string;
	readonly caps: readonly CapClaim[];
	readonly byAccountKey: boolean;
}

export interface AddStatement {
	readonly type: 'add';
	readonly auth: string;
	readonly account: string;
	readonly way: AddRecord['way'];
	/** Empty for `direct`. */
	readonly subject: string;
	/** That it makes count: of the join, or empty for `direct`, which is a grant itself, named by its entry. */
	readonly grant: string;
}

export interface InviteStatement {
	readonly type: 'invite';
	readonly auth: string;
	readonly key: string;
	readonly record: InviteRecord;
}

export interface SettingsStatement {
	readonly type: 'settings';
	readonly auth: string;
	readonly accepted: readonly string[];
	readonly record: SettingsRecord;
}

export type Statement =
	| LaneStatement
	| OwnerStatement
	| HandoverStatement
	| DeviceRemoveStatement
	| AddStatement
	| InviteStatement
	| SettingsStatement
	| {
			readonly type: 'genesis';
			readonly account: string;
			readonly lane: number;
			/** Whether its hash is the conversation's id. */
			readonly founds: boolean;
	  }
	| {
			readonly type: 'direct';
			/** Whether the conversation is that of these two. */
			readonly founds: boolean;
			readonly accountByGrant: ReadonlyMap<string, string>;
	  }
	| { readonly type: 'join'; readonly key: string; readonly account: string; readonly grant: string }
	| {
			readonly type: 'role';
			readonly auth: string;
			readonly grant: string;
			readonly role: RoleRecord['role'];
			readonly caps: readonly CapClaim[];
	  }
	| {
			readonly type: 'remove';
			readonly auth: string;
			readonly grants: readonly string[];
			readonly caps: readonly CapClaim[];
	  }
	| { readonly type: 'offer'; readonly seat: string; readonly grant: string }
	| { readonly type: 'consent'; readonly seat: string }
	| {
			readonly type: 'invite-close';
			readonly auth: string;
			readonly key: string;
			readonly joins: ReadonlySet<string>;
	  }
	| {
			readonly type: 'timer';
			readonly auth: string;
			readonly afterS: number;
			readonly replaces: readonly string[];
	  }
	| { readonly type: 'fork'; readonly segment: number; readonly lane: number; readonly clock: number }
	| { readonly type: 'profile'; readonly name: string }
	| { readonly type: 'leave' }
	| { readonly type: 'other' };

const claimOf = ({ segment, lane, clock, id }: Cap): CapClaim => ({
	segment,
	lane,
	clock,
	idPrefix: toBase64url(id).slice(0, capIdChars)
});

function grantOfAdd(conversation: Uint8Array, { way, account, subject }: AddRecord): Uint8Array {
	if (subject === null) return new Uint8Array(0);
	return way === 'personal' ? joinGrantOf(conversation, subject, account) : subject;
}

/** Tests of the fold say statements outright, without records to read them from. */
export interface ReadsStatements {
	of(record: KnownRecord | UnknownRecord): Statement;
}

export class Statements implements ReadsStatements {
	readonly #statementByRecord = new WeakMap<object, Statement>();

	/** @param conversation its id, 32 bytes */
	constructor(readonly conversation: Uint8Array) {}

	of(record: KnownRecord | UnknownRecord): Statement {
		const known = this.#statementByRecord.get(record);
		if (known !== undefined) return known;
		const statement = this.#read(record);
		this.#statementByRecord.set(record, statement);
		return statement;
	}

	#read(record: KnownRecord | UnknownRecord): Statement {
		const { conversation } = this;
		switch (record.type) {
			case 'lane':
				return {
					type: 'lane',
					grant: toBase64url(record.grant),
					account: accountIdOf(record.account),
					device: toBase64url(record.device),
					deviceNumber: record.deviceNumber,
					agreement: record.agreement
				};
			case 'genesis':
				return {
					type: 'genesis',
					account: accountIdOf(record.account),
					lane: laneOf(record.controlLanePublicKey),
					founds: equalBytes(conversationIdOf(encodeFields(record)), conversation)
				};
			case 'direct': {
				const [one, other] = record.accounts as [Uint8Array, Uint8Array];
				return {
					type: 'direct',
					founds: equalBytes(directConversationOf(one, other), conversation),
					accountByGrant: new Map(
						[one, other].map((account) => [
							toBase64url(directGrantOf(conversation, account)),
							toBase64url(account)
						])
					)
				};
			}
			case 'join':
				return {
					type: 'join',
					key: toBase64url(record.invitePublicKey),
					account: accountIdOf(record.account),
					grant: toBase64url(joinGrantOf(conversation, record.invitePublicKey, record.account))
				};
			case 'add':
				return {
					type: 'add',
					auth: toBase64url(record.auth),
					account: accountIdOf(record.account),
					way: record.way,
					subject: record.subject === null ? '' : toBase64url(record.subject),
					grant: toBase64url(grantOfAdd(conversation, record))
				};
			case 'role':
				return {
					type: 'role',
					auth: toBase64url(record.auth),
					grant: toBase64url(record.grant),
					role: record.role,
					caps: record.caps.map(claimOf)
				};
			case 'remove':
				return {
					type: 'remove',
					auth: toBase64url(record.auth),
					grants: record.grants.map(toBase64url),
					caps: record.caps.map(claimOf)
				};
			case 'owner':
				return {
					type: 'owner',
					seat: toBase64url(record.seat),
					account: accountIdOf(record.account),
					grant: toBase64url(record.grant),
					lane: record.lane,
					consent: toBase64url(record.consent),
					caps: record.caps.map(claimOf),
					newSeat: toBase64url(seatOfOwner(conversation, record))
				};
			case 'handover':
				return {
					type: 'handover',
					tenure: toBase64url(record.tenure),
					account: accountIdOf(record.account),
					counter: record.counter,
					lane: record.lane,
					caps: record.caps.map(claimOf),
					newSeat: toBase64url(seatOfHandover(conversation, record))
				};
			case 'device-remove':
				return {
					type: 'device-remove',
					account: accountIdOf(record.account),
					device: toBase64url(record.device),
					caps: record.caps.map(claimOf),
					byAccountKey: record.signature !== null
				};
			case 'offer':
				return { type: 'offer', seat: toBase64url(record.seat), grant: toBase64url(record.grant) };
			case 'consent':
				return { type: 'consent', seat: toBase64url(record.seat) };
			case 'invite':
				return {
					type: 'invite',
					auth: toBase64url(record.auth),
					key: toBase64url(record.invitePublicKey),
					record
				};
			case 'invite-close':
				return {
					type: 'invite-close',
					auth: toBase64url(record.auth),
					key: toBase64url(record.invitePublicKey),
					joins: new Set(record.joins.map(toBase64url))
				};
			case 'settings':
				return {
					type: 'settings',
					auth: toBase64url(record.auth),
					accepted: record.accepted.map(toBase64url),
					record
				};
			case 'timer':
				return {
					type: 'timer',
					auth: toBase64url(record.auth),
					afterS: record.afterS,
					replaces: record.replaces.map(toBase64url)
				};
			case 'fork':
				return { type: 'fork', segment: record.segment, lane: laneOfFork(record), clock: record.clock };
			case 'profile':
				return { type: 'profile', name: record.name };
			case 'leave':
				return { type: 'leave' };
			default:
				return { type: 'other' };
		}
	}
}
