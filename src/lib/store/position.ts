import type { Position } from './types';

/** Order on screen: time, then id by UTF-16 code units (ids are base64url, so SQLite's order of bytes is the same). */
export function byPosition(a: Position, b: Position): number {
	return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
