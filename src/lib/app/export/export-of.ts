import type { Store } from '$lib/store/types';
import type { ConversationSummary, ExportForm, ExportPart, ExportWords } from '../contract';
import { exportedPages, type ExportedConversation } from './exported-conversation';
import { htmlExport } from './html-export';
import { jsonExport } from './json-export';

interface Circumstances {
	readonly nowMs: number;
	/** Messages later than that are not shown (HLC). */
	readonly dueTime: number;
	/** What somebody is called here. */
	nameOf(account: string, claimed: string): string;
}

/** A conversation as a file in pieces; what it holds is read page by page. */
export async function* exportOf(
	store: Pick<Store, 'members' | 'page'>,
	{ id, name, kind }: ConversationSummary,
	form: ExportForm,
	words: ExportWords,
	{ nowMs, dueTime, nameOf }: Circumstances
): AsyncGenerator<ExportPart> {
	const members = (await store.members(id)).map(({ account, name: claimed, role, left }) => ({
		account,
		name: nameOf(account, claimed),
		role,
		left
	}));
	const nameByAccount = new Map(members.map((member) => [member.account, member.name]));
	const conversation: ExportedConversation = { id, name, kind, members, exportedAtMs: nowMs };
	const pages = exportedPages(
		store,
		id,
		dueTime,
		(account) => nameByAccount.get(account) ?? nameOf(account, '')
	);
	yield* form === 'html' ? htmlExport(conversation, pages, words) : jsonExport(conversation, pages);
}
