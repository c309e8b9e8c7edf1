/**
 * What a name looks like, so that names that a person would take for the same can be told (after the skeletons of Unicode
 * UTS #39, for the letters by which Latin, Greek and Cyrillic are taken for each other).
 */

/** Capitals, since more of them look alike; the Latin one last. */
const lookalikes: ReadonlyMap<string, string> = new Map(
	[
		'АΑA',
		'ВΒB',
		'СϹC',
		'ԀD',
		'ЕΕE',
		'ҒF',
		'ꞬG',
		'НΗҺH',
		'ІΙIӀ',
		'ЈJ',
		'КΚK',
		'МΜM',
		'ΝN',
		'ОΟO',
		'РΡP',
		'ԚQ',
		'ЅS',
		'ТΤT',
		'ԜW',
		'ХΧX',
		'УΥҮY',
		'ΖZ'
	].flatMap((group) => {
		const latin = /[A-Z]/.exec(group)?.[0] ?? '';
		return [...group].map((letter) => [letter, latin] as const);
	})
);

/** Names are taken for the same by what a person reads: not by their bytes, capitals, spaces, invisible signs or script. */
export const readAs = (name: string): string =>
	[
		...name
			.normalize('NFKC')
			.replace(/\p{Cf}/gu, '')
			.replace(/[\p{Cc}\s]+/gu, ' ')
			.trim()
			.toUpperCase()
	]
		.map((letter) => lookalikes.get(letter) ?? letter)
		.join('');

/** As `readAs`, and without what differs by a stroke: l, I, 1 and |; O and 0; rn and m. Also finds some that only a hurried eye mixes up. */
export const skeletonOf = (name: string): string =>
	readAs(name).replace(/[L1|]/g, 'I').replaceAll('0', 'O').replaceAll('RN', 'M');
