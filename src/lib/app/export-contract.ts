/** What a person takes home of a conversation; see contract.ts and docs/export.md. */
export type ExportForm = 'html' | 'json';

/** What an export for readers says besides the messages, in the language of the screens. */
export interface ExportWords {
	/** BCP 47. */
	readonly language: string;
	readonly direction: 'ltr' | 'rtl';
	/** "Conversation, exported on …" */
	readonly lead: string;
	readonly members: string;
	readonly edited: string;
	readonly deleted: string;
	/** @param atMs milliseconds since 1970 */
	time(atMs: number): string;
}

/** One piece of the file, in order; none is long, however long the conversation is. */
export interface ExportPart {
	readonly text: string;
	/** How many messages the pieces hold up to and with this one. */
	readonly messages: number;
}
