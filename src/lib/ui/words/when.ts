/** Times that one writes later at, and how they are told. */
import { m } from '../paraglide/messages';

export interface Proposal {
	readonly key: 'hour' | 'evening' | 'morning' | 'monday';
	readonly label: string;
	readonly atMs: number;
}

const hourMs = 60 * 60_000;
const eveningHour = 18;
const morningHour = 9;

/** When people mostly want something to be sent; in local time, soonest first, none of them past or within minutes. */
export function proposals(nowMs: number): readonly Proposal[] {
	const now = new Date(nowMs);
	const at = (days: number, hour: number): number =>
		new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour).getTime();
	const untilMonday = (8 - now.getDay()) % 7 || 7;
	const all: readonly Proposal[] = [
		{ key: 'hour', label: m.later_hour(), atMs: nowMs + hourMs },
		{ key: 'evening', label: m.later_evening(), atMs: at(0, eveningHour) },
		{ key: 'morning', label: m.later_morning(), atMs: at(1, morningHour) },
		...(untilMonday > 1
			? [{ key: 'monday', label: m.later_monday(), atMs: at(untilMonday, morningHour) } as const]
			: [])
	];
	return all.filter(({ atMs }) => atMs >= nowMs + hourMs / 4);
}

/** As a date-and-time field holds it: local time, to the minute. */
export function fieldTime(atMs: number): string {
	const at = new Date(atMs);
	const two = (value: number): string => String(value).padStart(2, '0');
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** @returns milliseconds, or null if the field holds no time */
export function timeOfField(value: string): number | null {
	const atMs = new Date(value).getTime();
	return Number.isNaN(atMs) ? null : atMs;
}
