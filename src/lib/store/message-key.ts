/**
 * A message's key is `time * keysPerTime + slot`, so that keys sort by recency: the table is laid out by it, and a search
 * walks down from the newest. Keys need more than 53 bits, hence bigint.
 */
import type { SqlValue } from './sql-driver';

/**
 * Two messages of one tick (1/1024 ms) are rare; more slots would only make the search index longer, which stores
 * differences of keys.
 */
export const keysPerTime = 8;

/** The lowest key of a time; all messages of later times have higher ones. */
export const firstKeyOf = (time: number): bigint => BigInt(time) * BigInt(keysPerTime);

/** A key as it came from the database, where small ones are numbers. */
export const keyOf = (value: SqlValue | undefined): bigint =>
	typeof value === 'bigint' ? value : BigInt(Number(value));
