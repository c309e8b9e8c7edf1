/**
 * What screens showed last: the list of conversations, and of a few conversations the newest messages. A start shows
 * it until the read model has been opened, and never takes it for the truth.
 *
 * Rows in the device database, each with the version of this form and the account that it was shown to:
 *
 *     "list"            summaries, newest activity first
 *     <conversation>    members, newest messages (oldest first), whether there are older ones
 */
import type { MemberRow, Position } from '../store/types';
import type { ConversationSummary, DeliveryState, TimelineMessage } from './contract';
import { fail, ok, type Result } from '../protocol/result';

/** To be raised with every change of the form of a row, and of what a row shows. */
const snapshotVersion = 3;
export const listKey = 'list';
export const messagesKept = 60;
/** UTF-16 units of all messages of one conversation together; longer ones are for the read model to show. */
const textKept = 64 * 1024;
const membersKept = 300;
const conversationsListed = 500;

/** The newest of one conversation. */
export interface Glance {
	readonly members: readonly MemberRow[];
	/** Oldest first; the last one is the newest of the conversation. */
	readonly messages: readonly TimelineMessage[];
	readonly hasOlder: boolean;
}

export interface Snapshot {
	/** Null: not kept. */
	readonly conversations: readonly ConversationSummary[] | null;
	/** The one that was shown last comes last. */
	readonly glanceById: ReadonlyMap<string, Glance>;
}

export type SnapshotFault = 'snapshot-version' | 'snapshot-account' | 'snapshot-damaged';

export const emptySnapshot: Snapshot = { conversations: null, glanceById: new Map() };

export function listRow(account: string, conversations: readonly ConversationSummary[]): unknown {
	return { version: snapshotVersion, account, conversations: conversations.slice(0, conversationsListed) };
}

/**
 * @param atMs of showing, to tell which was shown last
 * @returns null if this conversation is too large to be kept
 */
export function glanceRow(account: string, atMs: number, glance: Glance): unknown {
	if (glance.members.length > membersKept) return null;
	const messages = newestWithin(glance.messages);
	const hasOlder = glance.hasOlder || messages.length < glance.messages.length;
	return { version: snapshotVersion, account, atMs, members: glance.members, messages, hasOlder };
}

function newestWithin(messages: readonly TimelineMessage[]): readonly TimelineMessage[] {
	let room = textKept;
	const first = messages.findLastIndex((message) => (room -= message.text.length) < 0) + 1;
	return messages.slice(Math.max(first, messages.length - messagesKept));
}

/** @returns what is sound; `refused` is told why a row is not */
export function readSnapshot(
	rows: readonly (readonly [key: string, value: unknown])[],
	account: string,
	refused: (fault: SnapshotFault) => void
): Snapshot {
	let conversations: readonly ConversationSummary[] | null = null;
	const glances: { readonly id: string; readonly atMs: number; readonly glance: Glance }[] = [];
	for (const [key, value] of rows) {
		const row = fieldsOf(value, account);
		if (!row.ok) refused(row.reason);
		else if (key === listKey && isListOf(row.value['conversations'], isSummary))
			conversations = row.value['conversations'];
		else if (key !== listKey && isGlance(row.value, key) && isNumber(row.value['atMs'])) {
			const { members, messages, hasOlder } = row.value;
			glances.push({ id: key, atMs: row.value['atMs'], glance: { members, messages, hasOlder } });
		} else refused('snapshot-damaged');
	}
	glances.sort((a, b) => a.atMs - b.atMs);
	return { conversations, glanceById: new Map(glances.map(({ id, glance }) => [id, glance])) };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, account: string): Result<Fields, SnapshotFault> {
	if (!isFields(value)) return fail('snapshot-damaged');
	if (value['version'] !== snapshotVersion) return fail('snapshot-version');
	return value['account'] === account ? ok(value) : fail('snapshot-account');
}

// --- is it what we wrote? ------------------------------------------------------------------------------------

const deliveryStates: readonly unknown[] = [
	'queued',
	'sent',
	'delivered',
	'delivered-to-all',
	'read',
	'read-by-all'
] satisfies DeliveryState[];

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isFieldsOrNull = (value: unknown): boolean => value === null || isFields(value);
const isString = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

function isListOf<T>(value: unknown, is: (each: unknown) => each is T): value is readonly T[] {
	return Array.isArray(value) && value.every(is);
}

function has(value: unknown, is: (each: unknown) => boolean, ...names: readonly string[]): value is Fields {
	return isFields(value) && names.every((name) => is(value[name]));
}

const isPosition = (value: unknown): value is Position =>
	has(value, isNumber, 'time') && has(value, isString, 'id');

const isLast = (value: unknown): boolean =>
	value === null ||
	(has(value, isString, 'author', 'authorName', 'text') &&
		has(value, isBoolean, 'own', 'deleted') &&
		has(value, isNumber, 'sentAtMs') &&
		isPosition(value['position']));

const isSummary = (value: unknown): value is ConversationSummary =>
	has(value, isString, 'id', 'name') &&
	has(value, isNumber, 'createdTime', 'unread', 'mentions', 'memberCount') &&
	has(value, isBoolean, 'left') &&
	(value['kind'] === 'direct'
		? isString(value['peer'])
		: value['kind'] === 'group' && value['peer'] === null) &&
	isLast(value['last']) &&
	(value['readPosition'] === null || isPosition(value['readPosition']));

const isMember = (value: unknown): value is MemberRow =>
	has(value, isString, 'conversation', 'account', 'name', 'role') && has(value, isBoolean, 'left', 'self');

const isMessage = (value: unknown): value is TimelineMessage =>
	isPosition(value) &&
	has(value, isString, 'conversation', 'author', 'authorName', 'text') &&
	has(value, isNumber, 'segment', 'lane', 'clock', 'sentAtMs') &&
	has(value, isBoolean, 'own', 'late', 'pinned', 'forwarded', 'mentionsMe', 'mentionsEveryone') &&
	has(value, Array.isArray, 'reactions', 'mentions') &&
	has(value, isFieldsOrNull, 'edited', 'deleted', 'reply', 'replies', 'poll') &&
	(value['delivery'] === null || deliveryStates.includes(value['delivery']));

function isGlance(value: Fields, conversation: string): value is Fields & Glance {
	const { members, messages, hasOlder } = value;
	const isOurs = (each: { readonly conversation: string }): boolean => each.conversation === conversation;
	return (
		isListOf(members, isMember) &&
		members.every(isOurs) &&
		isListOf(messages, isMessage) &&
		messages.every(isOurs) &&
		isBoolean(hasOlder)
	);
}
