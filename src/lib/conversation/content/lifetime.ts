/** How long a message lasts (docs/decisions/0035). */
import type { KnownRecord } from '../../protocol/records';
import { shorterLife } from '../authority';

/**
 * A message lasts as long as its author's device has it last when it is said, and from then on that holds for everybody,
 * whatever they hear first.
 * @param timerS the conversation's timer, as far as this device knows it; 0: there is none
 * @param ownS its author's own there; 0: they have none
 * @returns a message with the shortest of these and of what it has already; any other record as it is
 */
export function inTime<R extends KnownRecord>(record: R, timerS: number, ownS = 0): R {
	if (record.type !== 'message') return record;
	const expiresAfterS = shorterLife(record.expiresAfterS, shorterLife(timerS, ownS));
	return expiresAfterS === 0 ? record : { ...record, expiresAfterS };
}
