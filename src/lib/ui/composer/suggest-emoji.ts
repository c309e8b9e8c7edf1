/** Emoji by their short names and tags, in this person's language and in English. Loaded with its first use. */
import type { Emoji, NativeEmoji } from 'emoji-picker-element/shared';
import { englishEmoji, openEmoji, ownEmoji } from '../controls/emoji-data';
import { suggestionLimit, type Suggestion } from './completion';

const isNative = (emoji: Emoji): emoji is NativeEmoji => 'unicode' in emoji;

export class EmojiNames {
	readonly #databases = [...new Set([ownEmoji(), englishEmoji])].map((source) => openEmoji(source));

	/** @param query two characters or more. @returns best first: short names that begin so, then what is tagged so */
	async suggest(query: string): Promise<readonly Suggestion[]> {
		const found = await Promise.all(
			this.#databases.map(async (opening) => {
				const database = await opening;
				const [tone, emoji] = await Promise.all([
					database.getPreferredSkinTone(),
					database.getEmojiBySearchQuery(query.replaceAll('_', ' '))
				]);
				return emoji.filter(isNative).map((each) => suggestionOf(each, query, tone));
			})
		);
		const byEmoji = new Map(
			found
				.flat()
				.reverse()
				.map((each) => [each.key, each])
		);
		const wanted = query.toLowerCase();
		const rank = ({ detail }: Suggestion): number =>
			detail === `:${wanted}:` ? 0 : detail.startsWith(`:${wanted}`) ? 1 : 2;
		return [...byEmoji.values()]
			.reverse()
			.sort((a, b) => rank(a) - rank(b))
			.slice(0, suggestionLimit);
	}
}

function suggestionOf(emoji: NativeEmoji, query: string, tone: number): Suggestion {
	const names = emoji.shortcodes ?? [];
	const wanted = query.toLowerCase();
	const name =
		names.find((each) => each === wanted) ?? names.find((each) => each.startsWith(wanted)) ?? names[0];
	const unicode = emoji.skins?.find((skin) => skin.tone === tone)?.unicode ?? emoji.unicode;
	return {
		key: `emoji-${emoji.unicode}`,
		text: unicode,
		label: emoji.annotation,
		detail: name === undefined ? '' : `:${name}:`,
		emoji: unicode,
		account: null,
		command: null,
		isWhole: false
	};
}
