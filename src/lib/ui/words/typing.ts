import { m } from '../paraglide/messages';
import { clipName } from './name';

/** Who is typing, in one line; '' if nobody. @param names in the order in which they began */
export function typingText(names: readonly string[]): string {
	const [first, second] = names;
	if (first === undefined) return '';
	if (second === undefined) return m.typing_one({ name: clipName(first) });
	return names.length === 2
		? m.typing_two({ first: clipName(first), second: clipName(second) })
		: m.typing_many();
}
