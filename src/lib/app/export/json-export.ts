/** The form of docs/export.md: one message on a line, so that a long file can be read line by line. Pure. */
import type { ExportPart } from '../export-contract';
import type { ExportedConversation, ExportedMessage } from './exported-conversation';

const formatVersion = 1;

const isoTime = (atMs: number): string => new Date(atMs).toISOString();

export async function* jsonExport(
	conversation: ExportedConversation,
	pages: AsyncIterable<readonly ExportedMessage[]>
): AsyncGenerator<ExportPart> {
	const { id, name, kind, members, exportedAtMs } = conversation;
	const head = {
		format: 'skein-export',
		version: formatVersion,
		exportedAt: isoTime(exportedAtMs),
		conversation: { id, name, kind },
		members
	};
	// The object is left open for its last property.
	yield { text: `${JSON.stringify(head).slice(0, -1)},"messages":[`, messages: 0 };
	let messages = 0;
	for await (const page of pages) {
		const lines = page.map((message) => JSON.stringify(exported(message)));
		yield { text: `${messages === 0 ? '' : ','}\n${lines.join(',\n')}`, messages: (messages += page.length) };
	}
	yield { text: '\n]}\n', messages };
}

/** What does not apply to a message is left out. */
function exported(message: ExportedMessage): unknown {
	const { id, author, authorName, own, sentAtMs, text, edited, deleted, reply, thread, reactions, poll } =
		message;
	return {
		id,
		author,
		authorName,
		own,
		sentAt: isoTime(sentAtMs),
		text,
		...(edited && { editedAt: isoTime(edited.atMs) }),
		...(deleted && { deletedAt: isoTime(deleted.atMs) }),
		...(reply && { replyTo: reply.id }),
		...(thread !== null && { thread }),
		...(message.forwarded && { forwarded: true }),
		...(reactions.length > 0 && {
			reactions: reactions.map(({ emoji, accounts }) => ({ emoji, accounts }))
		}),
		...(poll && { poll: { several: poll.multiple, options: poll.options, votes: poll.votes } })
	};
}
