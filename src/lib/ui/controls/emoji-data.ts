/** Where the picker and the completion of names get their emoji: files of the app itself, which also work offline. */
import type Database from 'emoji-picker-element/database';
import germanNames from 'emoji-picker-element-data/de/cldr/data.json?url';
import englishNames from 'emoji-picker-element-data/en/emojibase/data.json?url';
import { getLocale } from '../paraglide/runtime';

export interface EmojiSource {
	readonly locale: string;
	/** Address of the names and tags in that language. */
	readonly dataSource: string;
}

/** English short names are what people know from elsewhere, whatever language they read. */
export const englishEmoji: EmojiSource = { locale: 'en', dataSource: englishNames };

/** The emoji of this person's language. */
export const ownEmoji = (): EmojiSource =>
	getLocale() === 'de' ? { locale: 'de', dataSource: germanNames } : englishEmoji;

/** A look-up over one language; its data is fetched on the first question, and kept by the browser. */
export async function openEmoji(source: EmojiSource): Promise<Database> {
	const { default: EmojiDatabase } = await import('emoji-picker-element/database');
	return new EmojiDatabase({ ...source });
}
