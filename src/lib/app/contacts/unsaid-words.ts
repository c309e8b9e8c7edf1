/**
 * First words on their way into the conversations that are to hold them. They stand among the drafts of this device until
 * a journal has them, which takes them out in the same transaction: whenever power goes, they are said, and said once.
 */
import type { JournalFailure } from '$lib/conversation/ports';
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { Result } from '$lib/protocol/result';
import type { MemberAddress } from './people-contract';

/** Of what is to be said in a direct conversation. @param conversation base64url */
export const firstWordsKey = (conversation: string): string => `${conversation}/first`;

/** Of the same, as it is to be said in a group to one of its members (docs/decisions/0032). */
export const greetingKey = (conversation: string, { group, account }: MemberAddress): string =>
	`${conversation}/greeting/${group}/${account}`;

/** What was not said yet when the app ended. */
export interface UnsaidWords {
	/** The direct conversation that they are for. */
	readonly conversation: string;
	readonly text: string;
	/** In which group, and to whom; null for what is only to be said in the direct conversation. */
	readonly by: MemberAddress | null;
}

const firstWords = /^([\w-]+)\/first$/;
const greeting = /^([\w-]+)\/greeting\/([\w-]+)\/([\w-]+)$/;

/** Those that are for a group come first: who says them begins the direct conversation, too. */
export async function unsaidWords({ db }: DeviceDatabase): Promise<readonly UnsaidWords[]> {
	const tx = db.transaction('drafts');
	const [keys, texts] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
	const [direct, byGroup]: [UnsaidWords[], UnsaidWords[]] = [[], []];
	for (const [i, key] of keys.entries()) {
		const text = texts[i] ?? '';
		const [, conversation, group, account] = greeting.exec(key) ?? firstWords.exec(key) ?? [];
		if (conversation === undefined) continue;
		if (group === undefined || account === undefined) direct.push({ conversation, text, by: null });
		else byGroup.push({ conversation, text, by: { group, account } });
	}
	return [...byGroup, ...direct];
}

/** Keeps words that are to be said in a direct conversation and in a group. */
export function keepUnsaid(
	database: DeviceDatabase,
	conversation: string,
	by: MemberAddress,
	text: string
): Promise<Result<void, JournalFailure>> {
	return database.strictWrite(['drafts'], (tx) => {
		const drafts = tx.objectStore('drafts');
		return [firstWordsKey(conversation), greetingKey(conversation, by)].map((key) => drafts.put(text, key));
	});
}

/** They are not to be said any more, wherever they have not been said yet. */
export function dropUnsaid(
	database: DeviceDatabase,
	{ conversation, by }: Omit<UnsaidWords, 'text'>
): Promise<Result<void, JournalFailure>> {
	return database.strictWrite(['drafts'], (tx) => {
		const drafts = tx.objectStore('drafts');
		const keys = [firstWordsKey(conversation), ...(by === null ? [] : [greetingKey(conversation, by)])];
		return keys.map((key) => drafts.delete(key));
	});
}
