/** How long a message lasts (docs/decisions/0035). */
import type { KnownRecord } from '../../protocol/records';
import { shorterLife } from '../authority';

/**
 * A message lasts as long as its author's device has it last when it is said, and from then on that holds for everybody,
 * whatever they hear first.
 * @param timerS the conversation's timer, as far as this device knows it; 0: there is none
 * @returns a message with the shorter of that and of what it has of its own; any other record as it is
 */
export function inTime<R extends KnownRecord>(record: R, timerS: number): R {
	if (record.type !== 'message') return record;
	const expiresAfterS = shorterLife(record.expiresAfterS, timerS);
	return expiresAfterS === 0 ? record : { ...record, expiresAfterS };
}
