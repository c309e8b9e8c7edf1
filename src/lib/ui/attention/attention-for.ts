/** How loudly something that has just been said is told. Pure. */
export type Attention = 'none' | 'toast' | 'notification';

export interface Circumstances {
	/** The window has the focus: somebody is looking. */
	readonly focused: boolean;
	/** The conversation on screen, if there is one. */
	readonly open: string | null;
	/** The list is all that is on screen: it tells by itself. */
	readonly listAlone: boolean;
	/** May the system show notifications, and does the person want them? */
	readonly notifies: boolean;
}

export interface Call {
	/** Null: it is a request, which stands in none. */
	readonly conversation: string | null;
	readonly muted: boolean;
	/** Whoever is mentioned is called, also from a conversation that is muted. */
	readonly mentioned: boolean;
}

export function attentionFor(call: Call, { focused, open, listAlone, notifies }: Circumstances): Attention {
	if (call.muted && !call.mentioned) return 'none';
	if (!focused) return notifies ? 'notification' : 'toast';
	return (call.conversation !== null && call.conversation === open) || listAlone ? 'none' : 'toast';
}

/** A tone goes with what is called out while nobody looks, or from elsewhere; not with what is on screen. */
export const sounds = (attention: Attention): boolean => attention !== 'none';
