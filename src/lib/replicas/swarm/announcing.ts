/**
 * When somebody in a room tells it that they are there. Announcements get lost, as everything does: while a swarm comes
 * together they follow each other closely, and later so often that nothing waits for an event alone.
 */
import { jittered } from '../../link/timers';

const everyMs = 30_000;
const eagerForMs = 60_000;
const shortestMs = 500;
const longestEagerMs = 3000;

/**
 * Milliseconds until the next announcement, ± 20 %: a third of the time that it has been going on, from 0.5 s to 3 s, and
 * half a minute from the second minute on.
 *
 * @param eagerSinceMs how long ago the room was joined, or the network changed
 * @param random in [0, 1)
 */
export function announcementPauseMs(eagerSinceMs: number, random: () => number): number {
	const pauseMs =
		eagerSinceMs < eagerForMs ? Math.min(longestEagerMs, Math.max(shortestMs, eagerSinceMs / 3)) : everyMs;
	return jittered(pauseMs, 0.2, random);
}
