/** Whether an act counts, or why it does not. */
export type Verdict =
	| 'counts'
	/** It cites nothing that would empower its author, or what it cites did not reach as far. */
	| 'no-authority'
	/** Its author had been removed, or the device, or the lane was forked. */
	| 'beyond-cap'
	/** Against the owner, or by a moderator against somebody who has ever moderated. */
	| 'protected'
	| 'removed-before'
	| 'no-such-grant'
	| 'no-such-lane'
	| 'no-consent'
	/** A personal invitation lets in one. */
	| 'used-up'
	| 'no-invitation'
	/** The invitation has been closed without it. */
	| 'closed'
	/** The rules want somebody's approval. */
	| 'waits';
