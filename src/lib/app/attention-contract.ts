/** What screens are told of messages that have just come; see contract.ts. */

/** A message of somebody else that has just been said, as far as this device can tell. */
export interface News {
	readonly conversation: string;
	/** Entry id, base64url. */
	readonly id: string;
	readonly author: string;
	/** As they are called here. */
	readonly authorName: string;
	readonly text: string;
	/** Of this person, or of everybody. */
	readonly mentioned: boolean;
}
