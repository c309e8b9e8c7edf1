/**
 * The relay's log: JSON lines on stderr, redacted by construction. Callers have no way to write a document's name or
 * an address but through `Redactor`, and payloads are never passed to the log.
 */
import { createHmac } from 'node:crypto';
import { pino, type DestinationStream, type Logger } from 'pino';

export type RelayLog = Logger;

/** Turns a name into a word that is the same within one run of the relay and says nothing outside of it. */
export type Redactor = (secret: string) => string;

/**
 * @param key random bytes of this run: without them the hash of an IPv4 address could be looked up in a table
 */
export function createRedactor(key: Uint8Array): Redactor {
	return (secret) => createHmac('sha256', key).update(secret).digest('hex').slice(0, 10);
}

/** @param level of pino: trace, debug, info, warn, error, fatal, silent */
export function createLog(
	level: string,
	destination: DestinationStream = pino.destination({ fd: 2, sync: true })
): RelayLog {
	return pino(
		{ level, base: { service: 'skein-relay' }, timestamp: pino.stdTimeFunctions.isoTime },
		destination
	);
}
