import type { TimerLine } from '$lib/app/contract';
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

/** What a person can choose for what they say themselves, where everybody's goes after so many seconds; 0: stays. */
export const shorterChoicesS = (ofAllS: number): readonly number[] =>
	vanishingChoicesS.filter((choice) => choice > 0 && (ofAllS === 0 || choice < ofAllS));

/** After how long what is said goes. @param seconds as chosen, which other versions may offer more of */
export function vanishingText(seconds: number): string {
	if (seconds === 0) return m.vanishing_off();
	if (seconds < hourS) return m.vanishing_minutes({ count: Math.round(seconds / 60) });
	if (seconds < 24 * hourS) return m.vanishing_hours({ count: Math.round(seconds / hourS) });
	return m.vanishing_days({ count: Math.round(seconds / (24 * hourS)) });
}

/** Somebody has set it for everybody, as a sentence. @param name of who; '' if nobody knows */
export function timerLineText({ self, afterS }: TimerLine, name: string): string {
	const time = vanishingText(afterS);
	if (self) return afterS === 0 ? m.timer_off_self() : m.timer_set_self({ time });
	const by = name || m.log_somebody();
	return afterS === 0 ? m.timer_off({ by }) : m.timer_set({ by, time });
}
