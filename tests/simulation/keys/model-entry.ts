/** What is said in the model of keys: control entries and messages, with what their authors knew. */
import type { SigningKeys } from '../../../src/lib/protocol/crypto';
import type {
	EpochPart,
	NewcomerTerms,
	PastRecord,
	SealedKind,
	SealRecord
} from '../../../src/lib/protocol/epoch-records';

export interface ModelInvite {
	readonly name: string;
	readonly keys: SigningKeys;
	/** What the link holds. */
	readonly secret: Uint8Array;
	readonly kind: SealedKind;
	readonly under: string;
	readonly wants: Wants;
}

/** Whose word lets in whoever comes by an invitation: nobody's, the device's that made it (once), some member's. */
export type Wants = 'nothing' | 'maker' | 'approval';

export type Says =
	| { readonly type: 'genesis'; readonly commitment: Uint8Array; readonly agreement: Uint8Array }
	| { readonly type: 'settings'; readonly newcomers: NewcomerTerms }
	| { readonly type: 'role'; readonly account: string }
	| { readonly type: 'invite'; readonly name: string; readonly agreement: Uint8Array; readonly wants: Wants }
	| { readonly type: 'add'; readonly invite: string; readonly account: string }
	| { readonly type: 'close'; readonly name: string }
	| { readonly type: 'join'; readonly invite: string; readonly agreement: Uint8Array }
	| { readonly type: 'device'; readonly device: string; readonly agreement: Uint8Array }
	| { readonly type: 'lose'; readonly device: string }
	| { readonly type: 'leave' }
	| { readonly type: 'remove'; readonly account: string; readonly epoch: EpochPart | null }
	| { readonly type: 'epoch'; readonly epoch: EpochPart }
	| { readonly type: 'seal'; readonly record: SealRecord }
	| { readonly type: 'past'; readonly record: PastRecord }
	| { readonly type: 'unopened'; readonly epoch: string };

export interface ModelEntry {
	readonly id: string;
	/** Recipient name of the device; its lane is its own. */
	readonly device: string;
	readonly account: string;
	readonly lane: number;
	readonly clock: number;
	readonly hlc: number;
	/** Epoch under which it is sealed. */
	readonly under: string;
	/** Ids of control entries that its author could read. */
	readonly knew: ReadonlySet<string>;
	readonly says: Says;
}

export interface ModelMessage {
	readonly id: string;
	readonly device: string;
	readonly account: string;
	readonly under: string;
	/** In which it stands. */
	readonly segment: number;
	readonly knew: ReadonlySet<string>;
	/** Devices that its author took for members': whom it is said to. */
	readonly readers: ReadonlySet<string>;
}
