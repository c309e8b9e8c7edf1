/**
 * How a virtual list gets from the rows it shows to the rows it should show without moving what is being read.
 *
 * A virtual list knows two changes only: rows came or went at the end, or (`shift`) at the start. A timeline's window
 * does both at once, when it grows at one end and is trimmed at the other, so such a change is made in two steps.
 */
export interface WindowStep<Row> {
	readonly rows: readonly Row[];
	/** The row count changed above what is being read: keep the distance to the end. */
	readonly shift: boolean;
	/** Nothing in common with what is shown: the list starts afresh. */
	readonly reset: boolean;
	/** False: take another step when this one is on screen. */
	readonly done: boolean;
}

/**
 * The next step from `shown` to `wanted`. `firstVisible` is the index in `shown` of the first row on screen; a row
 * that slips in above it must not push the others down.
 */
export function windowStep<Row extends { readonly key: string }>(
	shown: readonly Row[],
	wanted: readonly Row[],
	firstVisible: number
): WindowStep<Row> {
	const shownFirst = shown[0];
	const wantedFirst = wanted[0];
	if (shownFirst === undefined || wantedFirst === undefined) {
		return { rows: wanted, shift: false, reset: shown.length > 0, done: true };
	}
	// The first of equal keys, should there ever be some: the steps would never arrive.
	const wantedIndexByKey = new Map(wanted.map((row, index) => [row.key, index] as const).reverse());
	const firstKept = shown.findIndex((row) => wantedIndexByKey.has(row.key));
	const keptRow = shown[firstKept];
	if (keptRow === undefined) return { rows: wanted, shift: false, reset: true, done: true };
	const keptAt = wantedIndexByKey.get(keptRow.key) ?? 0;

	if (firstKept === 0 && keptAt === 0) return withinStep(shown, wanted, firstVisible);

	// The start first, with the rest as it was, then (second step) whatever changed further down.
	const rows = [
		...wanted.slice(0, keptAt),
		...shown.slice(firstKept).map((row) => wanted[wantedIndexByKey.get(row.key) ?? -1] ?? row)
	];
	const done = rows.length === wanted.length && rows.every((row, index) => row === wanted[index]);
	return { rows: done ? wanted : rows, shift: keptAt !== firstKept, reset: false, done };
}

/** Both begin with the same row: something came or went behind it. */
function withinStep<Row extends { readonly key: string }>(
	shown: readonly Row[],
	wanted: readonly Row[],
	firstVisible: number
): WindowStep<Row> {
	if (shown.length === wanted.length) return { rows: wanted, shift: false, reset: false, done: true };
	let firstChange = 0;
	while (shown[firstChange] !== undefined && shown[firstChange]?.key === wanted[firstChange]?.key)
		firstChange += 1;
	return {
		rows: wanted,
		shift: firstChange <= firstVisible && firstChange < shown.length,
		reset: false,
		done: true
	};
}

/**
 * While a list moves, rows that its window has left behind at the start stay in it: dropped, they make a virtual list
 * keep its distance to the end until it rests, and then each row that comes on screen further down moves what is being
 * read by as much as it is higher than was thought.
 * @returns how many rows at the start of `shown` stand before all of `wanted`
 */
export function leftBehind<Row extends { readonly key: string }>(
	shown: readonly Row[],
	wanted: readonly Row[]
): number {
	const first = wanted[0];
	return first === undefined
		? 0
		: Math.max(
				0,
				shown.findIndex(({ key }) => key === first.key)
			);
}
