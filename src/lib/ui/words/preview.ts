import type { ConversationKind } from '$lib/app/contract';
import { m } from '../paraglide/messages';
import { clipName } from './name';

const previewLengthChars = 200;

/** The beginning of a message in one line, without the marks that the conversation itself renders. */
export function plainPreview(text: string): string {
	return text
		.slice(0, previewLengthChars)
		.replace(/[*_`~>]/g, '')
		.replace(/\s+/g, ' ')
		.trim();
}

interface Said {
	readonly own: boolean;
	readonly authorName: string;
	readonly text: string;
}

/** The same with who said it, where that is not plain. */
export function saidPreview({ own, authorName, text }: Said, kind: ConversationKind): string {
	const plain = plainPreview(text);
	if (own) return m.you_said({ text: plain });
	return kind === 'direct' ? plain : m.said({ name: clipName(authorName), text: plain });
}
