/** Files and backups: Skein has neither yet. What will have to come of them is written down here. */
import type { Row } from './row';

const files = 'files and pictures';
const recovery = 'recovery words and the recovery kit';

export const fileRows: readonly Row[] = [
	{
		no: 32,
		input:
			'a piece of a file with a wrong hash or index, one too many, one after the end, none; a list that lies about the size; a file of 1 TiB',
		outcome: 'refused and asked for elsewhere; too large is refused before room is made',
		todo: files
	},
	{
		no: 33,
		input: 'a peer that serves one bad piece in a thousand',
		outcome: 'the file is right; the peer is asked last after three',
		todo: files
	},
	{
		no: 34,
		input: 'HTML as a picture, SVG with a script, a file that is two kinds at once, 65 535 × 65 535 pixels',
		outcome: 'to be downloaded only, or shown as pixels only, or refused',
		todo: files
	},
	{
		no: 35,
		input: 'file names with "../", reserved names, right-to-left marks, 10 KB, zeros',
		outcome: 'made harmless, with the extension visible',
		todo: files
	},
	{
		no: 45,
		input: 'a backup with a wrong code, a flipped bit, older than the device, restored twice',
		outcome: 'a typed error, or a merge in new lanes with two visible devices',
		todo: recovery
	}
];
