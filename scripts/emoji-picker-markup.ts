/**
 * A Vite plugin. The emoji picker makes its elements from constant markup by `innerHTML`, and says nothing of it to
 * Trusted Types (emoji-picker-element 1.29). This hands that one place a policy of its own, so that no default policy
 * has to let through what every other place might be given. A version without this place fails the build.
 */
import type { Plugin } from 'vite';

const pickerPattern = /\/emoji-picker-element\/picker\.js(\?|$)/;
const place = 'template.innerHTML = htmlString;';
/** Named in the content security policy (svelte.config.js). */
const policy = `const markupPolicy = globalThis.trustedTypes?.createPolicy('skein-emoji-picker', { createHTML: (markup) => markup });\n`;
const trusted = 'template.innerHTML = markupPolicy ? markupPolicy.createHTML(htmlString) : htmlString;';

export function emojiPickerMarkup(): Plugin {
	return {
		name: 'skein:emoji-picker-markup',
		transform(code, id) {
			return pickerPattern.test(id) ? { code: trustedMarkup(code), map: null } : null;
		}
	};
}

/**
 * @param code the picker's module
 * @returns the same, with its markup made by a policy
 * @throws if the place is not there, or not the only one
 */
export function trustedMarkup(code: string): string {
	const parts = code.split(place);
	if (parts.length !== 2) throw new Error('the emoji picker makes its markup in another way now');
	return policy + parts.join(trusted);
}
