/** How a conversation begins on this device: founding a group, joining by a link, coming back, writing to somebody. */
import { beginDirect, writeDirect } from '$lib/conversation/direct';
import {
	foundGroup,
	joiningIdentity,
	writeFounding,
	writeJoin,
	type Author
} from '$lib/conversation/founding';
import type { JournalFailure } from '$lib/conversation/ports';
import { toBase64url } from '$lib/protocol/base64url';
import type { DeviceCertificate } from '$lib/protocol/certificates';
import { sha256 } from '$lib/protocol/crypto';
import type { InviteLink } from '$lib/protocol/invite-link';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { ActFailure } from '../group-intents';
import type { HotConversation } from '../hot/hot-conversation';
import type { EngineDeps } from './engine-contract';
import type { HotSet } from './hot-set';
import { authorOf, keepConversation, type NewConversation } from './kept-conversation';
import { renewMembership } from './new-membership';

export type BeginningsDeps = Pick<EngineDeps, 'crypto' | 'database' | 'identity' | 'timers'>;

export class Beginnings {
	readonly #author: Author;

	constructor(
		readonly deps: BeginningsDeps,
		readonly conversations: HotSet
	) {
		this.#author = authorOf(deps.identity);
	}

	/** @returns the id of the new group */
	async found(groupName: string): Promise<Result<string, JournalFailure>> {
		const { crypto, identity } = this.deps;
		const founding = await foundGroup(crypto, this.#author);
		const id = toBase64url(founding.identity.conversation);
		const kept = await this.#keep({
			identity: founding.identity,
			name: groupName,
			newestSegmentHint: 1,
			lanes: [founding.controlLane]
		});
		if (!kept.ok) return kept;
		const hot = await this.conversations.heat(id);
		const written = await writeFounding(hot.conversation, founding.genesis, groupName, identity.name);
		return written.ok ? ok(id) : written;
	}

	/** Opens an invitation: to somewhere new, or to where this account has been or asked before. */
	async join(link: InviteLink): Promise<Result<string, ActFailure>> {
		const { crypto, database, identity, timers } = this.deps;
		const id = toBase64url(link.conversation);
		const record = await database.db.get('conversations', id);
		if (record !== undefined) {
			const hot = await this.conversations.heat(id);
			const { authority, account } = hot.conversation;
			const self = authority.memberByAccount.get(account);
			if (self?.removed === true) return this.#comeBackAnew(hot, id, link);
			const isStranger = authority.founded && self === undefined;
			if (isStranger && link.expiresAtMs > timers.now()) return this.#askAnew(hot, id, link);
			return record.left ? this.#comeBack(id, link) : ok(id);
		}
		const joining = await joiningIdentity(crypto, this.#author, link);
		const kept = await this.#keep({
			identity: joining,
			name: link.groupName,
			newestSegmentHint: Math.max(1, link.segment),
			lanes: []
		});
		if (!kept.ok) return kept;
		const hot = await this.conversations.heat(id);
		const written = await writeJoin(crypto, hot.conversation, link, identity.name);
		return written.ok ? ok(id) : written;
	}

	/**
	 * The direct conversation with the holder of a certificate, made on this device if it is not there yet.
	 * @param other has been checked (checkDevice), and is of another account
	 * @param name of the other, until the conversation tells it
	 */
	async direct(
		other: DeviceCertificate,
		name: string
	): Promise<Result<string, JournalFailure | 'agreement-key'>> {
		const { crypto, database, identity } = this.deps;
		const begun = await beginDirect(crypto, this.#author, identity.agreementPrivateKey, other);
		if (!begun.ok) return begun;
		const id = toBase64url(begun.value.identity.conversation);
		if ((await database.db.get('conversations', id)) === undefined) {
			const kept = await this.#keep({
				identity: begun.value.identity,
				name,
				newestSegmentHint: 1,
				lanes: []
			});
			if (!kept.ok) return kept;
		}
		const hot = await this.conversations.heat(id);
		const accounts = [sha256(identity.certificate.account), sha256(other.account)] as const;
		const written = await writeDirect(hot.conversation, accounts, identity.name);
		return written.ok ? ok(id) : written;
	}

	/** Joins a group again that this device has left; its lanes and history are still there. */
	async #comeBack(id: string, link: InviteLink): Promise<Result<string, JournalFailure>> {
		const { crypto, database, identity } = this.deps;
		const hot = await this.conversations.heat(id);
		const written = await writeJoin(crypto, hot.conversation, link, identity.name);
		if (!written.ok) return written;
		hot.connect();
		const kept = await database.updateConversation(id, (record) => ({ ...record, left: false }));
		return kept.ok ? ok(id) : kept;
	}

	/** Came by a link that did not let them in, or waits by one, and opens another. */
	async #askAnew(hot: HotConversation, id: string, link: InviteLink): Promise<Result<string, ActFailure>> {
		const { grant } = await joiningIdentity(this.deps.crypto, this.#author, link);
		const isSame = toBase64url(grant) === toBase64url(hot.identity.grant);
		return isSame ? ok(id) : this.#comeBackAnew(hot, id, link);
	}

	/** Joins a group again from which this account was removed. */
	async #comeBackAnew(
		hot: HotConversation,
		id: string,
		link: InviteLink
	): Promise<Result<string, ActFailure>> {
		const { crypto, database, identity } = this.deps;
		const joining = await joiningIdentity(crypto, this.#author, link);
		// By the same link one is the same member as before: removed.
		if (hot.conversation.authority.capsByGrant.has(toBase64url(joining.grant))) return fail('no-such-invite');
		await this.conversations.drop(id);
		const kept = await renewMembership(database, id, joining);
		if (!kept.ok) return kept;
		const anew = await this.conversations.heat(id);
		const written = await writeJoin(crypto, anew.conversation, link, identity.name);
		if (!written.ok) return written;
		anew.connect();
		return ok(id);
	}

	#keep(conversation: NewConversation): Promise<Result<void, JournalFailure>> {
		return keepConversation(this.deps.database, conversation, this.deps.timers.now());
	}
}
