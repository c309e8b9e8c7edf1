/** What is said of many measurements of the same thing. Pure. */

export interface Summary {
	readonly median: number;
	readonly min: number;
	readonly max: number;
	/** How many were counted. */
	readonly runs: number;
}

/**
 * The value below which `share` (0 to 1) of the measurements lie, between two of them by linear interpolation.
 * @throws if there is none
 */
export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	const place = (sorted.length - 1) * Math.min(1, Math.max(0, share));
	const below = sorted[Math.floor(place)];
	const above = sorted[Math.ceil(place)];
	if (below === undefined || above === undefined) throw new Error('nothing was measured');
	return below + (above - below) * (place - Math.floor(place));
}

export function summarise(values: readonly number[]): Summary {
	return {
		median: rounded(quantile(values, 0.5)),
		min: rounded(quantile(values, 0)),
		max: rounded(quantile(values, 1)),
		runs: values.length
	};
}

/** To three significant digits below a thousand, whole numbers above: more is noise. */
export function rounded(value: number): number {
	return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** A before B, then B before A, and so on, so that neither always meets the warmer machine. */
export function interleaved<T>(sides: readonly T[], rounds: number): T[] {
	return Array.from({ length: rounds }, (_, round) =>
		round % 2 === 0 ? sides : [...sides].reverse()
	).flat();
}
