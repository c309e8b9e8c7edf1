/** What a message says, in one line. */
import type { ConversationKind } from '$lib/app/contract';
import { m } from '../paraglide/messages';
import { deedIn } from '../text/deed';
import { clipName } from './name';

const lengthLimitChars = 200;

/** The beginning without the marks that the conversation itself renders. Plain text. */
export function firstLine(text: string): string {
	return (deedIn(text) ?? text)
		.slice(0, lengthLimitChars)
		.replace(/[*_`~>]/g, '')
		.replace(/\s+/g, ' ')
		.trim();
}

interface Said {
	readonly own: boolean;
	readonly authorName: string;
	/** Empty if it has been deleted. */
	readonly text: string;
}

/** The same with who said or did it, where that is not plain. */
export function saidPreview({ own, authorName, text }: Said, kind: ConversationKind): string {
	if (text === '') return m.message_deleted();
	const plain = firstLine(text);
	if (deedIn(text) !== null) return `${clipName(authorName)} ${plain}`;
	if (own) return m.you_said({ text: plain });
	return kind === 'direct' ? plain : m.said({ name: clipName(authorName), text: plain });
}
