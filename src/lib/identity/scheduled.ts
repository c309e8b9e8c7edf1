/** Messages that are to be sent later, as kept on this device: they exist nowhere else until then. */
export interface ScheduledRow {
	/** Base64url, random. */
	readonly id: string;
	/** Base64url of the conversation id. */
	readonly conversation: string;
	/** Base64url of the root of the thread that it is for; absent: the conversation itself. */
	readonly thread?: string;
	readonly text: string;
	/** Account ids; at most 32. */
	readonly mentions: readonly string[];
	readonly mentionsEveryone: boolean;
	/** Wall-clock milliseconds from which on it is sent. */
	readonly dueAtMs: number;
	/**
	 * waiting · sending: being said; found so at a start, the app went away in between, and nobody knows whether it was
	 * said · refused: could not be said, and why.
	 */
	readonly state: 'waiting' | 'sending' | 'refused';
	/** A problem code; null unless refused. */
	readonly refusal: string | null;
}
