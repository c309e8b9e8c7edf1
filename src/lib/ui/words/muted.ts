import { foreverMs } from '$lib/app/contract';
import { m } from '../paraglide/messages';
import { fullTime } from './time';

/** Until when a conversation keeps quiet; '' if it does not. */
export function mutedText(untilMs: number): string {
	if (untilMs === 0) return '';
	return untilMs === foreverMs ? m.muted_always() : m.muted_until({ time: fullTime(untilMs) });
}
