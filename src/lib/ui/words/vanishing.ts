import { m } from '../paraglide/messages';

const hourS = 60 * 60;
/** What a person can choose from; 0: what they say stays. */
export const vanishingChoicesS: readonly number[] = [
	0,
	5 * 60,
	hourS,
	24 * hourS,
	7 * 24 * hourS,
	28 * 24 * hourS
];

/** After how long what is said goes. @param seconds as chosen, which other versions may offer more of */
export function vanishingText(seconds: number): string {
	if (seconds === 0) return m.vanishing_off();
	if (seconds < hourS) return m.vanishing_minutes({ count: Math.round(seconds / 60) });
	if (seconds < 24 * hourS) return m.vanishing_hours({ count: Math.round(seconds / hourS) });
	return m.vanishing_days({ count: Math.round(seconds / (24 * hourS)) });
}
