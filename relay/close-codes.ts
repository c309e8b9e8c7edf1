/**
 * Why the relay closes a WebSocket. 4400–4499 are permanent refusals: y-websocket stops retrying on them, so they are
 * given only where a retry cannot help. 4500–4599 and 1013 mean "later", and are retried.
 */
export const closeCodes = {
	goingAway: 1001,
	internalError: 1011,
	/** More is buffered for this socket than it will ever drain in time. */
	tooSlow: 1013,
	malformed: 4400,
	/** No ticket, or one that was not signed for this socket and document by the key that it names. */
	badTicket: 4401,
	/** A sound ticket of a key that may not open the document, or no longer. */
	noAccess: 4403,
	notADocument: 4404,
	frameTooLarge: 4413,
	tooManyTopics: 4420,
	tooFast: 4429,
	/** The document has a new key: who has it may come back at once. */
	accessMoved: 4503,
	/** A device that slept: it may come back as soon as it wakes. */
	idle: 4508,
	/** No ticket came in time; the next challenge is a fresh one. */
	ticketLate: 4510,
	tooManySockets: 4529
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
