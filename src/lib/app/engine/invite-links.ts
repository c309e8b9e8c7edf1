/** The links by which this device lets people into a group. */
import type { Conversation } from '$lib/conversation/conversation';
import { invite, inviteLifetimeMs } from '$lib/conversation/founding';
import { decodeInviteLink, encodeInviteLink } from '$lib/protocol/invite-link';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { ActFailure, GroupIntents } from '../group-intents';
import type { EngineDeps } from './engine-contract';
import type { HotSet } from './hot-set';

/** An invitation is given out again while it is valid for at least this long. */
const inviteReuseMs = 24 * 60 * 60_000;

export interface MadeLink {
	readonly fragment: string;
	readonly expiresAtMs: number;
}

export class InviteLinks {
	constructor(
		readonly deps: Pick<EngineDeps, 'crypto' | 'database' | 'timers'>,
		readonly conversations: HotSet,
		readonly intentsOn: (conversation: Conversation) => GroupIntents
	) {}

	/** The valid open link of a group: the last one while it lives long enough, else a new one. */
	async open(id: string): Promise<Result<MadeLink, ActFailure>> {
		const { crypto, database, timers } = this.deps;
		const hot = await this.conversations.heat(id);
		const record = await database.db.get('conversations', id);
		if (record === undefined) return fail('not-saved');
		const now = timers.now();
		const intents = this.intentsOn(hot.conversation);
		const terms = await intents.termsOfInviting();
		if (!terms.ok) return terms;
		const known = record.invite === null ? null : decodeInviteLink(record.invite.fragment);
		const isFresh =
			known?.ok === true &&
			known.value.expiresAtMs - now > inviteLifetimeMs - inviteReuseMs &&
			(await intents.stillInvites(known.value, terms.value.approval));
		const link = isFresh
			? known
			: await invite(crypto, hot.conversation, now, { ...terms.value, kind: 'open' });
		// Whoever holds no epoch that they could give has not been let in yet.
		if (!link.ok) return link.reason === 'no-epoch' ? fail('not-a-member') : fail(link.reason);
		// The same invitation, under the name that the group has by now.
		const { name: groupName } = hot.conversation.authority;
		const segment = await hot.conversation.segmentForNewcomers();
		const current = { ...link.value, segment, groupName };
		const made = { fragment: encodeInviteLink(current), expiresAtMs: current.expiresAtMs };
		const kept = await database.updateConversation(id, (row) => ({ ...row, invite: made }));
		return kept.ok ? ok(made) : kept;
	}

	/** A new link for one person. It is shown once and not kept. */
	async personal(id: string): Promise<Result<MadeLink, ActFailure>> {
		const { crypto, timers } = this.deps;
		const { conversation } = await this.conversations.heat(id);
		const terms = await this.intentsOn(conversation).termsOfInviting();
		if (!terms.ok) return terms;
		const link = await invite(crypto, conversation, timers.now(), { ...terms.value, kind: 'personal' });
		if (!link.ok) return link.reason === 'no-epoch' ? fail('not-a-member') : fail(link.reason);
		return ok({ fragment: encodeInviteLink(link.value), expiresAtMs: link.value.expiresAtMs });
	}
}
