import type { SearchFilters } from '$lib/app/contract';

/** What the fields of the filters hold: days as their inputs have them (`2026-11-21`), '' for none. */
export interface FilterFields {
	readonly conversation: string;
	readonly from: string;
	readonly hasLink: boolean;
	readonly since: string;
	readonly until: string;
}

export const noFilters: FilterFields = { conversation: '', from: '', hasLink: false, since: '', until: '' };

/** Whether they let through less than everything. */
export const narrows = (fields: FilterFields): boolean =>
	fields.from !== '' || fields.hasLink || fields.since !== '' || fields.until !== '';

/** @param fields days are whole: the last one is included */
export function filtersOf(fields: FilterFields): SearchFilters {
	const sinceMs = dayMs(fields.since, 0);
	const beforeMs = dayMs(fields.until, 1);
	return {
		...(fields.conversation === '' ? {} : { conversation: fields.conversation }),
		...(fields.from === '' ? {} : { from: fields.from }),
		...(fields.hasLink ? { hasLink: true } : {}),
		...(sinceMs === null ? {} : { sinceMs }),
		...(beforeMs === null ? {} : { beforeMs })
	};
}

/**
 * Begin of a day, or of one after it, where this device is.
 * @param day as a date input has it
 * @returns milliseconds; null if it is no day
 */
export function dayMs(day: string, daysLater: number): number | null {
	const [, year, month, date] = /^(\d{4,6})-(\d\d)-(\d\d)$/.exec(day) ?? [];
	if (year === undefined) return null;
	const begin = new Date(0);
	begin.setHours(0, 0, 0, 0);
	begin.setFullYear(Number(year), Number(month) - 1, Number(date) + daysLater);
	return Number.isNaN(begin.getTime()) ? null : begin.getTime();
}
