import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';

const dayMs = 86_400_000;

/** Formatters are dear to make (tens of microseconds) and a timeline needs them per row: made once per locale. */
function once<T>(make: (locale: string) => T): () => T {
	const made = new Map<string, T>();
	return () => {
		const locale = dateLocale();
		const known = made.get(locale);
		if (known !== undefined) return known;
		const fresh = make(locale);
		made.set(locale, fresh);
		return fresh;
	};
}

/** The browser's own variant of the chosen language (en-GB writes 14:05, en-US 2:05 PM). */
function dateLocale(): string {
	const chosen = getLocale();
	return navigator.languages.find((language) => language.split('-')[0] === chosen) ?? chosen;
}

const clock = once((locale) => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }));
const weekday = once((locale) => new Intl.DateTimeFormat(locale, { weekday: 'short' }));
const shortDate = once((locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }));
const numericDate = once((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'short' }));
const longDay = once(
	(locale) => new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
);
const longDayYear = once((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'full' }));
const full = once((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }));
const precise = once(
	(locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' })
);
const relative = once((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
const number = once((locale) => new Intl.NumberFormat(locale));

/** Midnight, local time, of the day that holds `atMs`. */
export function startOfDay(atMs: number): number {
	const date = new Date(atMs);
	date.setHours(0, 0, 0, 0);
	return date.getTime();
}

export const clockTime = (atMs: number): string => clock().format(atMs);
export const fullTime = (atMs: number): string => full().format(atMs);
export const preciseTime = (atMs: number): string => precise().format(atMs);
export const plainNumber = (value: number): string => number().format(value);

/** For the list: the time today, the weekday within a week, else the date. */
export function listTime(atMs: number, nowMs: number): string {
	const today = startOfDay(nowMs);
	if (atMs >= today) return clockTime(atMs);
	if (atMs >= startOfDay(today - 1)) return m.yesterday();
	if (atMs >= today - 6 * dayMs) return weekday().format(atMs);
	return new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
		? shortDate().format(atMs)
		: numericDate().format(atMs);
}

/** For the separator between days. */
export function dayLabel(atMs: number, nowMs: number): string {
	const today = startOfDay(nowMs);
	if (atMs >= today && atMs < today + dayMs) return m.today();
	if (atMs < today && atMs >= startOfDay(today - 1)) return m.yesterday();
	return new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
		? longDay().format(atMs)
		: longDayYear().format(atMs);
}

/** "in 6 days", "in 3 hours": how far away `atMs` is, in the largest unit that fits. */
export function relativeTime(atMs: number, nowMs: number): string {
	const minutes = Math.round((atMs - nowMs) / 60_000);
	if (Math.abs(minutes) < 60) return relative().format(minutes, 'minute');
	const hours = Math.round(minutes / 60);
	if (Math.abs(hours) < 48) return relative().format(hours, 'hour');
	return relative().format(Math.round(hours / 24), 'day');
}

/** "23 minutes", "3 hours", "365 days": the size of a time, in the largest unit that fits. */
export function duration(ms: number): string {
	const minutes = Math.round(Math.abs(ms) / 60_000);
	const hours = Math.round(minutes / 60);
	const [value, unit] =
		minutes < 90 ? [minutes, 'minute'] : hours < 48 ? [hours, 'hour'] : [Math.round(hours / 24), 'day'];
	return new Intl.NumberFormat(dateLocale(), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** Bytes in the unit that reads best (1 kB = 1000 B, as browsers count quotas). */
export function byteSize(bytes: number): string {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
	const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
	const value = bytes / 1000 ** power;
	return new Intl.NumberFormat(dateLocale(), {
		style: 'unit',
		unit: units[power],
		unitDisplay: 'short',
		maximumFractionDigits: value < 10 && power > 0 ? 1 : 0
	}).format(value);
}
