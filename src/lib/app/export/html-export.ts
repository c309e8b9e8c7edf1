/**
 * A page that needs nothing but itself and can run nothing: texts are escaped, and its own policy forbids scripts and
 * everything that would be fetched. Pure.
 */
import type { ExportPart, ExportWords } from '../export-contract';
import type { ExportedConversation, ExportedMessage } from './exported-conversation';

const entityByCharacter: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;'
};

/** Text as it may stand between tags and in quoted attributes. */
export const escaped = (text: string): string =>
	text.replace(/[&<>"']/g, (character) => entityByCharacter[character] ?? '');

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
header { margin-bottom: 2rem; }
h1 { margin: 0; font-size: 1.6rem; overflow-wrap: anywhere; }
article { margin: 0 0 1rem; padding-inline-start: .75rem; border-inline-start: 3px solid light-dark(#d5dddd, #39424a); }
article.own { border-color: light-dark(#0b666c, #4fb9be); }
article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
article.answer { margin-inline-start: 2rem; }
article b { margin-inline-end: .5rem; }
time, small, header p { color: light-dark(#566065, #a3adb3); font-size: .875rem; }
`;

export async function* htmlExport(
	conversation: ExportedConversation,
	pages: AsyncIterable<readonly ExportedMessage[]>,
	words: ExportWords
): AsyncGenerator<ExportPart> {
	const { name, members } = conversation;
	const names = members.filter(({ left }) => !left).map((member) => `<bdi>${escaped(member.name)}</bdi>`);
	yield {
		text: `<!doctype html>
<html lang="${escaped(words.language)}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<header><h1 dir="auto">${escaped(name)}</h1>
<p>${escaped(words.lead)}</p>
<p>${escaped(words.members)}: ${names.join(', ')}</p></header>
<main>
`,
		messages: 0
	};
	let messages = 0;
	for await (const page of pages)
		yield {
			text: page.map((message) => article(message, words)).join(''),
			messages: (messages += page.length)
		};
	yield { text: '</main>\n</body>\n</html>\n', messages };
}

function article(message: ExportedMessage, words: ExportWords): string {
	const { own, authorName, sentAtMs, edited, deleted, thread, reactions, poll } = message;
	const classes = [...(own ? ['own'] : []), ...(thread === null ? [] : ['answer'])].join(' ');
	const iso = new Date(sentAtMs).toISOString();
	const head = `<b><bdi>${escaped(authorName)}</bdi></b><time datetime="${iso}">${escaped(words.time(sentAtMs))}</time>`;
	const note = edited === null || deleted !== null ? '' : ` <small>${escaped(words.edited)}</small>`;
	const text = deleted === null ? escaped(message.text) : `<em>${escaped(words.deleted)}</em>`;
	const votes = poll?.options.map(
		(option, index) => `<li><bdi>${escaped(option)}</bdi> (${poll.votes[index]?.length ?? 0})</li>`
	);
	const given = reactions.map(({ emoji, accounts }) => `${escaped(emoji)} ${accounts.length}`);
	return (
		`<article class="${classes}">${head}${note}<p dir="auto">${text}</p>` +
		(votes === undefined ? '' : `<ul>${votes.join('')}</ul>`) +
		(given.length === 0 ? '' : `<small>${given.join(' · ')}</small>`) +
		'</article>\n'
	);
}
