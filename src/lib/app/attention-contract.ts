/** What screens are told of messages and requests that have just come; see contract.ts. */
import type { RequestView } from './contacts-contract';

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

/** Is told what has just come, wherever it stands. */
export interface AttentionListener {
	/** What others have said in conversations. */
	said(news: readonly News[]): void;
	/** Somebody who is not known here has written first, as far as they may. */
	asked(request: Pick<RequestView, 'name' | 'text'>): void;
}
