import { foreverMs } from '../../identity/marks';

export type MuteChoice = 'hour' | 'eight-hours' | 'morning' | 'always';

const hourMs = 60 * 60_000;
/** Local time. Whoever mutes later than that today means tomorrow. */
const morningHour = 8;

/** @param now as the person's clock shows it @returns ms */
export function muteUntilMs(choice: MuteChoice, now: Date): number {
	if (choice === 'always') return foreverMs;
	if (choice === 'hour') return now.getTime() + hourMs;
	if (choice === 'eight-hours') return now.getTime() + 8 * hourMs;
	const morning = new Date(now);
	morning.setHours(morningHour, 0, 0, 0);
	// By the calendar, and not 24 hours on: a day may be one of 23 or 25.
	if (morning <= now) morning.setDate(morning.getDate() + 1);
	return morning.getTime();
}
