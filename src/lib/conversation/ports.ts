/** What a conversation needs from the world. In the browser: IndexedDB; in the simulator: memory that can crash. */
import type * as Y from 'yjs';
import type { DeviceCertificate } from '../protocol/certificates';
import type { HybridClock } from '../protocol/clock';
import type { SealedKind } from '../protocol/epoch-records';
import type { Bytes, CryptoPort } from '../protocol/crypto';
import type { SignedDigest } from '../protocol/guard/fork-proof';
import type { Poll } from '../protocol/records';
import type { Result } from '../protocol/result';
import type { SealPort } from '../protocol/seal';
import type { Authority } from './authority';
import type { HeldEpoch } from './epochs/epoch-keyring';

/** A lane of this device. `next` and `head` say what was committed last, whatever the document says. */
export interface OwnLane {
	readonly segment: number;
	readonly lane: number;
	readonly publicKey: Uint8Array;
	readonly privateKey: CryptoKey;
	readonly next: number;
	/** Id of the entry at next - 1. */
	readonly head: Uint8Array;
	/** True once there is any doubt whether this device alone writes to it. Never written to again. */
	readonly retired: boolean;
}

export interface JournalEntry {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	readonly bytes: Uint8Array;
	/** It holds no message, but what is said about one, or a certificate. */
	readonly isAct?: true;
}

/** fenced: another tab has taken over. */
export type JournalFailure = 'not-saved' | 'storage-full' | 'fenced';

/**
 * Own entries, committed before they are inserted or sent, and settled before they are called saved
 * (docs/decisions/0010). Rows are kept until another replica holds them.
 */
export interface Journal {
	load(): Promise<{ readonly lanes: readonly OwnLane[]; readonly entries: readonly JournalEntry[] }>;
	/**
	 * One transaction: the lane's new state and the entries. All or nothing. What is committed survives the end of the
	 * process, however sudden; a loss of power only once it is settled.
	 * @param draft key of the draft that this says; it goes in the same transaction, so that no crash leaves both
	 */
	commit(
		lane: OwnLane,
		entries: readonly JournalEntry[],
		draft?: string
	): Promise<Result<void, JournalFailure>>;
	/** Resolves when all that was committed before the call is on stable storage. */
	settle(): Promise<Result<void, JournalFailure>>;
	/** Another replica holds the lane's entries below `next`. */
	release(segment: number, lane: number, next: number): Promise<void>;
}

/** Where the secrets of epochs are kept, beside the one that the identity names. They cannot be fetched again. */
export interface Epochs {
	load(): Promise<readonly HeldEpoch[]>;
	/** Adds to what is kept, or takes the place of what is kept of the same epoch. On stable storage when it resolves. */
	keep(epochs: readonly HeldEpoch[]): Promise<Result<void, JournalFailure>>;
}

/** Where the segments' documents are kept. */
export interface Documents {
	/**
	 * Loads what is there (sound rows only) and keeps what comes. Same document until `close`.
	 * @param named ids of entries at a place that may be there without their bytes
	 */
	open(segment: number, named: (lane: number, clock: number) => readonly Uint8Array[]): Promise<Y.Doc>;
	close(segment: number): Promise<void>;
	/** What is known of segments, loaded or not. */
	metas(): Promise<readonly SegmentMeta[]>;
	saveMeta(meta: SegmentMeta): Promise<void>;
}

/** Of an entry whose bytes are gone: which it was, and what was signed of it. */
export interface RedactedEntry extends SignedDigest {
	readonly lane: number;
	readonly clock: number;
	readonly id: Uint8Array;
}

/** Takes what is deleted from this device's disk. */
export interface DiskRedaction {
	/**
	 * What was taken out of the segment's open document is neither in the journal nor in what is kept of the document;
	 * `redacted` and `erasures` are kept, when it resolves.
	 * @param redacted what was taken out of the document
	 */
	redact(
		segment: number,
		redacted: readonly RedactedEntry[],
		erasures: readonly Erasure[]
	): Promise<Result<void, JournalFailure>>;
	/** What has been taken out of a segment. */
	redacted(segment: number): Promise<readonly RedactedEntry[]>;
	/** Erasures that are kept of a segment. */
	erasures(segment: number): Promise<readonly Erasure[]>;
	/** The relay has erased what stood at these places. */
	erased(
		segment: number,
		places: readonly { readonly lane: number; readonly clock: number }[]
	): Promise<void>;
}

/** What makes a relay drop an entry's bytes (epoch.ts): with them goes what it is made from, so it is kept. */
export interface Erasure {
	readonly lane: number;
	readonly clock: number;
	/** 16 bytes. */
	readonly token: Uint8Array;
}

export interface SegmentMeta {
	readonly segment: number;
	readonly entries: number;
	readonly bytes: number;
	/** See Segment.digest. */
	readonly digest: Uint8Array;
	/** For what deletes named it was looked through last (NamedDeletes.digestOf); absent: for none. */
	readonly deletes?: Uint8Array;
}

/** Of an entry that counts. Ids are base64url; accounts are account ids. */
export interface ProjectedEntry {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	readonly id: string;
	/** Who said it. */
	readonly account: string;
	readonly hlc: number;
	/** Effective time, an HLC number. */
	readonly time: number;
}

/** A message as it was said; what is said about it comes beside it, as acts (docs/decisions/0026). */
export interface ProjectedMessage extends ProjectedEntry {
	readonly text: string;
	/** Id of the message that it answers. Whether that is here is for whoever looks. */
	readonly reply: string | null;
	/** Id of the message whose thread it stands in. */
	readonly thread: string | null;
	/** Accounts, ascending by their bytes. */
	readonly mentions: readonly string[];
	readonly mentionsEveryone: boolean;
	readonly forwarded: boolean;
	readonly poll: Poll | null;
	/** Seconds after it was sent, as its hlc tells, at which it is to disappear. */
	readonly expiresAfterS: number | null;
	/** Id of the entry in which it was said first, if this says it again: what names that one is taken to name this. */
	readonly origin: string | null;
}

/** What is said about a message: of what kind, and what. */
export type ActContent =
	| { readonly kind: 'edit'; readonly text: string; readonly mentions: readonly string[] }
	| { readonly kind: 'reaction'; readonly emoji: string; readonly on: boolean }
	| { readonly kind: 'pin'; readonly on: boolean }
	| { readonly kind: 'vote'; readonly choices: readonly number[] }
	/**
	 * A copy of a message that was said first in `target`; several are made where several devices knew of a fork, and one
	 * of them is a message here. What names this act's id is taken to name `target`.
	 */
	| { readonly kind: 'again' };

/**
 * An act whose entry counts. Whether it counts for its target (an edit by somebody else does not), and which of several
 * does, is for whoever joins acts with messages: `content/shown-message.ts` says how. The target need not be here.
 */
export type ProjectedAct = ProjectedEntry &
	ActContent & {
		/** Id of the message that it is about. */
		readonly target: string;
	};

/** An entry that a delete which counts has named. Whether it was a message, and was ever known here, is not said. */
export interface ProjectedDeletion {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	/** Base64url. */
	readonly id: string;
	/** Whose lane it is said to stand in: what somebody else has said is not meant, whatever its id. */
	readonly author: string;
	/** Account that deleted it. */
	readonly by: string;
	readonly hlc: number;
}

export interface LaneCursor {
	readonly segment: number;
	readonly lane: number;
	readonly next: number;
}

/** What the read model has to learn. One thing at a time: each is awaited before the next is told. */
export interface Projection {
	/**
	 * What has been said, in one transaction. Messages and acts that are known already are put anew: their time may have
	 * risen.
	 * @param cursors claim these messages and acts
	 */
	messages(
		messages: readonly ProjectedMessage[],
		cursors: readonly LaneCursor[],
		acts: readonly ProjectedAct[]
	): Promise<void>;
	/**
	 * They count no more, because their lane turned out to be forked or its grant void.
	 * @param ids of messages, as far as they are known here; of acts with these ids nothing is said, unless `from` is given
	 * @param from if given, all messages and acts of that lane at or above `next` go, whatever their ids (the read model
	 *   may be ahead of the documents after a crash), and the lane's cursor goes back to `next`
	 */
	withdrawn(ids: readonly string[], from?: LaneCursor): Promise<void>;
	/** It is gone for good, whatever else is told of it before or after. What is known already may be told again. */
	deleted(deletions: readonly ProjectedDeletion[]): Promise<void>;
	authority(authority: Authority): Promise<void>;
}

export interface ConversationPorts {
	readonly crypto: CryptoPort;
	readonly clock: HybridClock;
	readonly seals: SealPort;
	readonly journal: Journal;
	readonly epochs: Epochs;
	readonly documents: Documents;
	/** Absent where nothing outlives the conversation. */
	readonly redaction?: DiskRedaction;
	readonly projection: Projection;
	/** Lets the event loop turn, between slices of long work. */
	yieldTurn(): Promise<void>;
	/** What this person lets the others know, as of now. Absent: nothing. */
	sharing?(): Sharing;
	/** After how many seconds what this person says here is to disappear, as they want it; 0: it stays. Absent: that. */
	ownTimerS?(): number;
}

/** What frontiers may say of a person beyond what their device holds. */
export interface Sharing {
	/** How far they have read; who does not say it does not see it of others. */
	readonly receipts: boolean;
	/** That they may be shown as online, and when last seen. */
	readonly online: boolean;
}

export const nothingShared: Sharing = { receipts: false, online: false };

/** By which a device came into a conversation: the first there is, or that of a link. */
export interface FirstEpoch {
	readonly secret: Bytes;
	readonly kind: SealedKind;
}

export interface ConversationIdentity {
	readonly conversation: Uint8Array;
	readonly epoch: FirstEpoch;
	/** Where the others are to be met, see meeting.ts. 16 bytes. */
	readonly meeting: Bytes;
	/** Of the invitations by which this device has come: epochs may be sealed to them. */
	readonly inviteSeeds: readonly Uint8Array[];
	/** Grant under which this device's lanes count: the conversation id for the founder, else the join's. */
	readonly grant: Uint8Array;
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
	/** Of the certificate's X25519 key. */
	readonly agreementPrivateKey: CryptoKey;
}
