/**
 * Records that hold what people say, and what is said about it beside it (docs/decisions/0026): all of class message, in
 * message segments. What each of them is worth is for the fold and for whoever joins its rows to say; here is what they
 * look like. Ids are those of the entries in which messages were said.
 *
 *   message    flags 1 · text · as flags say: reply 32 · thread 32 · mentions · poll · expiry varint (s)
 *   again      origin 32 · the fields of a message
 *   edit       target 32 · text · mentions
 *   reaction   target 32 · emoji · on 1
 *   pin        target 32 · on 1
 *   vote       target 32 · choices
 *
 *   mentions   count (≤ 32) · account ids of 32 bytes, ascending
 *   poll       several 1 · count (2 to 12) · options
 *   choices    count (≤ 12) · indices of options, 1 byte each, ascending
 */
import { Malformed, type ByteReader, type ByteWriter } from './bytes';
import { hashLength } from './crypto';
import {
	nonEmpty,
	readFlag,
	readIdSet,
	readList,
	writeFlag,
	writeIdSet,
	writeList,
	writeText,
	type Codec
} from './record-codec';
import { textLimitBytes } from './text-limits';

export const emojiLimitBytes = 64;
export const pollOptionLimitBytes = 256;
export const mentionsLimit = 32;
export const pollOptionBounds = { least: 2, most: 12 };
/** How long after it was sent a message may disappear; the longest is a year. */
export const expiryBoundsS = { least: 5, most: 365 * 24 * 60 * 60 };

const mentionBounds = { least: 0, most: mentionsLimit };
/** An empty list is said by its flag alone. */
const someMentionBounds = { least: 1, most: mentionsLimit };
const choiceBounds = { least: 0, most: pollOptionBounds.most };

const flag = { reply: 1, thread: 2, mentions: 4, forwarded: 8, poll: 16, expiry: 32, everyone: 64 };
const knownFlags = Object.values(flag).reduce((all, bit) => all | bit, 0);

/** What people may choose between; the question is the message's text. */
export interface Poll {
	/** 2 to 12, each of 1 to 256 bytes. */
	readonly options: readonly string[];
	/** Whether one may choose several. */
	readonly several: boolean;
}

/** What is not there is left out, or false. */
export interface MessageContent {
	/** 1 byte to 16 KiB. */
	readonly text: string;
	/** Id of the message that it answers. */
	readonly reply?: Uint8Array;
	/** Id of the message whose thread it stands in; never that of one that stands in a thread itself. */
	readonly thread?: Uint8Array;
	/** Account ids, at most 32. */
	readonly mentions?: readonly Uint8Array[];
	/** Everybody is mentioned. */
	readonly everyone?: boolean;
	readonly forwarded?: boolean;
	readonly poll?: Poll;
	/** Seconds after it was sent at which it is to disappear: 5 to a year. */
	readonly expiresAfterS?: number;
}

export interface MessageRecord extends MessageContent {
	readonly type: 'message';
}

/**
 * A message of the author's own that stood in a lane that turned out to be forked, said again in a lane that counts.
 * Several devices of the author may do so: of one origin one counts.
 */
export interface AgainRecord extends MessageContent {
	readonly type: 'again';
	/** Id of the entry in which it was said first. */
	readonly origin: Uint8Array;
}

/** What the author of a message would rather have said. */
export interface EditRecord {
	readonly type: 'edit';
	readonly target: Uint8Array;
	readonly text: string;
	/** Account ids, at most 32. They take the place of the message's. */
	readonly mentions: readonly Uint8Array[];
}

export interface ReactionRecord {
	readonly type: 'reaction';
	readonly target: Uint8Array;
	/** 1 to 64 bytes. */
	readonly emoji: string;
	/** False takes it back. */
	readonly on: boolean;
}

export interface PinRecord {
	readonly type: 'pin';
	readonly target: Uint8Array;
	/** False takes it back. */
	readonly on: boolean;
}

export interface VoteRecord {
	readonly type: 'vote';
	readonly target: Uint8Array;
	/** Indices of the poll's options; none takes the vote back. */
	readonly choices: readonly number[];
}

export type ContentRecord =
	MessageRecord | AgainRecord | EditRecord | ReactionRecord | PinRecord | VoteRecord;

type ContentCodecs = {
	readonly [T in ContentRecord['type']]: Codec<Extract<ContentRecord, { type: T }>>;
};

/** Numbers are part of the wire: never reuse one. */
export const contentCodecs: ContentCodecs = {
	message: {
		number: 16,
		class: 'message',
		write: writeContent,
		read: (r) => ({ type: 'message', ...readContent(r) })
	},
	again: {
		number: 17,
		class: 'message',
		write: (w, r) => writeContent(writeId(w, r.origin), r),
		read: (r) => ({ type: 'again', origin: r.take(hashLength), ...readContent(r) })
	},
	edit: {
		number: 18,
		class: 'message',
		write: (w, r) => {
			writeText(writeId(w, r.target), r.text, textLimitBytes);
			writeIdSet(w, r.mentions, hashLength, mentionBounds);
		},
		read: (r) => ({
			type: 'edit',
			target: r.take(hashLength),
			text: nonEmpty(r.text(textLimitBytes)),
			mentions: readIdSet(r, hashLength, mentionBounds)
		})
	},
	reaction: {
		number: 19,
		class: 'message',
		write: (w, r) => {
			writeText(writeId(w, r.target), r.emoji, emojiLimitBytes);
			writeFlag(w, r.on);
		},
		read: (r) => ({
			type: 'reaction',
			target: r.take(hashLength),
			emoji: nonEmpty(r.text(emojiLimitBytes)),
			on: readFlag(r)
		})
	},
	pin: {
		number: 20,
		class: 'message',
		write: (w, r) => void writeFlag(writeId(w, r.target), r.on),
		read: (r) => ({ type: 'pin', target: r.take(hashLength), on: readFlag(r) })
	},
	vote: {
		number: 21,
		class: 'message',
		write: (w, r) => writeChoices(writeId(w, r.target), r.choices),
		read: (r) => ({ type: 'vote', target: r.take(hashLength), choices: readChoices(r) })
	}
};

/** @throws RangeError for what no reader would take as an id */
function writeId(writer: ByteWriter, id: Uint8Array): ByteWriter {
	if (id.length !== hashLength) throw new RangeError(`an id of ${id.length} bytes instead of ${hashLength}`);
	return writer.raw(id);
}

function writeContent(writer: ByteWriter, content: MessageContent): void {
	const { text, reply, thread, mentions = [], everyone, forwarded, poll, expiresAfterS } = content;
	let flags = 0;
	if (reply !== undefined) flags |= flag.reply;
	if (thread !== undefined) flags |= flag.thread;
	if (mentions.length > 0) flags |= flag.mentions;
	if (forwarded === true) flags |= flag.forwarded;
	if (poll !== undefined) flags |= flag.poll;
	if (expiresAfterS !== undefined) flags |= flag.expiry;
	if (everyone === true) flags |= flag.everyone;
	writeText(writer.u8(flags), text, textLimitBytes);
	if (reply !== undefined) writeId(writer, reply);
	if (thread !== undefined) writeId(writer, thread);
	if (mentions.length > 0) writeIdSet(writer, mentions, hashLength, someMentionBounds);
	if (poll !== undefined) writePoll(writer, poll);
	if (expiresAfterS !== undefined) writeExpiry(writer, expiresAfterS);
}

function readContent(reader: ByteReader): MessageContent {
	const flags = reader.u8();
	if ((flags & ~knownFlags) !== 0) throw new Malformed('range');
	const has = (bit: number): boolean => (flags & bit) !== 0;
	return {
		text: nonEmpty(reader.text(textLimitBytes)),
		...(has(flag.reply) && { reply: reader.take(hashLength) }),
		...(has(flag.thread) && { thread: reader.take(hashLength) }),
		...(has(flag.mentions) && { mentions: readIdSet(reader, hashLength, someMentionBounds) }),
		...(has(flag.everyone) && { everyone: true }),
		...(has(flag.forwarded) && { forwarded: true }),
		...(has(flag.poll) && { poll: readPoll(reader) }),
		...(has(flag.expiry) && { expiresAfterS: readExpiry(reader) })
	};
}

function writePoll(writer: ByteWriter, { options, several }: Poll): void {
	writeList(writeFlag(writer, several), options, pollOptionBounds, (option) =>
		writeText(writer, option, pollOptionLimitBytes)
	);
}

function readPoll(reader: ByteReader): Poll {
	const several = readFlag(reader);
	const options = readList(reader, pollOptionBounds, () => nonEmpty(reader.text(pollOptionLimitBytes)));
	return { options, several };
}

export const isExpiry = (seconds: number): boolean =>
	Number.isInteger(seconds) && seconds >= expiryBoundsS.least && seconds <= expiryBoundsS.most;

function writeExpiry(writer: ByteWriter, seconds: number): void {
	if (!isExpiry(seconds)) throw new RangeError(`an expiry of ${seconds} s`);
	writer.varuint(seconds);
}

function readExpiry(reader: ByteReader): number {
	const seconds = reader.varuint();
	if (!isExpiry(seconds)) throw new Malformed('range');
	return seconds;
}

/** A set: ascending, each once. @throws RangeError for an index that no poll has */
function writeChoices(writer: ByteWriter, choices: readonly number[]): void {
	const distinct = [...new Set(choices)].sort((a, b) => a - b);
	writeList(writer, distinct, choiceBounds, (choice) => {
		if (!Number.isInteger(choice) || choice < 0 || choice >= pollOptionBounds.most)
			throw new RangeError(`no poll has an option ${choice}`);
		writer.u8(choice);
	});
}

function readChoices(reader: ByteReader): number[] {
	const choices = readList(reader, choiceBounds, () => reader.u8());
	for (const [i, choice] of choices.entries()) {
		if (choice >= pollOptionBounds.most) throw new Malformed('range');
		if (i > 0 && (choices[i - 1] as number) >= choice) throw new Malformed('range');
	}
	return choices;
}
