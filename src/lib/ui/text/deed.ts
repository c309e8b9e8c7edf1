/**
 * `/me waves`: what somebody does rather than says. It is a way of showing a text that begins so, and nothing more: who
 * searches for it, edits or copies it finds what was typed.
 */
const deed = /^\/me\s+(?=\S)/u;

/** What is done, or null if the text tells of no deed. */
export const deedIn = (text: string): string | null => (deed.test(text) ? text.replace(deed, '') : null);
