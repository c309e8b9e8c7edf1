/**
 * Texts as people send them: mostly short, some long, a few with a link, code or emoji. Length in characters is
 * log-normal (median 38, mean about 62, 1 in 100 over 400), which is what published chat corpora look like.
 */
import type { SeededRandom } from '../simulation/seeded-random';

const words =
	'the and to you that it was for on are with they be at have this from by but some what there we can out other all your when up use word how said each she which do their time will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water than call first people may down side been now find any new work part take get place made live where after back little only round man year came show every good me give our under name very through just form much great think say help low line before turn cause same mean differ move right boy old too does tell sentence set three want air well also play small end put home read hand port large spell add even land here must big high such follow act why ask change went light kind off need house picture try us again animal point mother world near build self earth father'.split(
		' '
	);
const extras = [
	'👍',
	'😂',
	'https://example.org/notes/2024/report',
	'`npm run build`',
	'🎉 nice!',
	'¿qué?',
	'ok…'
];
const medianChars = 38;
const logSpread = 0.95;
const limitChars = 4_000;

/** The word by which message `index` (0 …) of a seeded history can be searched for; no other message has it. */
export const markerOf = (index: number): string => `no${String(index).padStart(6, '0')}`;

/** @param index of the message in its history; its marker ends the text */
export function messageText(random: SeededRandom, index: number): string {
	const length = Math.min(limitChars, Math.round(medianChars * Math.exp(logSpread * random.normal())));
	let text = '';
	while (text.length < length) text += (text === '' ? '' : ' ') + random.pick(words);
	if (random.chance(0.05)) text += ' ' + random.pick(extras);
	return `${text} ${markerOf(index)}`.trim();
}
