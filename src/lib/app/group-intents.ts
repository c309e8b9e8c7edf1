/** Acts on a group, from an intent to records in this device's control lane. What may be done is for group-acts to say. */
import { mayPost } from '$lib/conversation/authority';
import type { Conversation } from '$lib/conversation/conversation';
import {
	acceptOwnership,
	admitsAlone,
	approveJoin,
	changeSettings,
	closeInvite,
	declineJoin,
	handover,
	inviting,
	makeModerator,
	mayDeleteOf,
	offerOwnership,
	removeMember,
	rightOf,
	setTimer,
	transfer,
	unmakeModerator,
	type ActRefusal,
	type Actor,
	type CapsOf
} from '$lib/conversation/group-acts';
import { GroupReader, type GroupFacts } from '$lib/conversation/group-facts';
import { newcomersOf } from '$lib/conversation/keys/epoch-facts-reader';
import type { JournalFailure } from '$lib/conversation/ports';
import { toBase64url } from '$lib/protocol/base64url';
import { signHandover, signOwner } from '$lib/protocol/certificates';
import type { CryptoPort, SigningKeys } from '$lib/protocol/crypto';
import { kindForInvites } from '$lib/protocol/epoch-records';
import { signingKeysOfSeed, type InviteLink } from '$lib/protocol/invite-link';
import { noAuthority, type GroupSettings, type KnownRecord } from '$lib/protocol/records';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { LogLine } from './group-contract';
import { logLines } from './group-log';
import { groupState, type GroupState } from './group-state';

export type ActFailure = ActRefusal | JournalFailure;
type Done = Promise<Result<void, ActFailure>>;
type Act = Result<readonly KnownRecord[], ActRefusal>;

export interface GroupIntentsDeps {
	readonly crypto: CryptoPort;
	/** Gives ownership away, and takes it along to another control lane. */
	readonly accountSeed: Uint8Array;
}

export class GroupIntents {
	readonly #reader: GroupReader;
	#transferring = false;
	#admitting = false;

	constructor(
		readonly conversation: Conversation,
		readonly deps: GroupIntentsDeps
	) {
		this.#reader = new GroupReader(conversation.identity.conversation);
	}

	get actor(): Actor {
		const { account, identity, controlLane } = this.conversation;
		return { account, grant: toBase64url(identity.grant), controlLane };
	}

	/** As of now. */
	facts(): GroupFacts {
		const { authority, controlEntries } = this.conversation;
		return this.#reader.read(authority, controlEntries);
	}

	/** As of now. @param nowMs links that have expired by then are not shown */
	state(nowMs: number): GroupState {
		return groupState(this.conversation, this.facts(), this.actor, nowMs);
	}

	/** What was done to the group, newest first. */
	log(): readonly LogLine[] {
		const { account, controlEntries } = this.conversation;
		const { memberByAccount } = this.#authority;
		const nameOf = (of: string): string => memberByAccount.get(of)?.name ?? '';
		return logLines(this.#authority, controlEntries, account, nameOf);
	}

	/** Whether what is said here now would count. */
	mayPost(): boolean {
		return mayPost(this.#authority, this.conversation.account);
	}

	/** For screens to offer it. Who has left, or was removed, takes nothing away any more. @param author account id */
	mayDelete(author: string): boolean {
		const self = this.#authority.memberByAccount.get(this.conversation.account);
		if (self === undefined || self.left) return false;
		return mayDeleteOf(this.#authority, this.actor, author);
	}

	setRole(account: string, role: 'moderator' | 'member'): Done {
		return this.#do((actor) =>
			role === 'moderator'
				? makeModerator(this.#authority, actor, account)
				: unmakeModerator(this.#authority, actor, account, this.#capsOf)
		);
	}

	removeMember(account: string): Done {
		return this.#do((actor) =>
			removeMember(this.#authority, actor, account, {
				capsOf: this.#capsOf,
				seesLessThan: (other) => this.conversation.seesLessThan(other),
				joinsByKey: this.facts().joinsByKey
			})
		);
	}

	changeSettings(changes: Partial<GroupSettings>): Done {
		const changed = this.#do((actor) =>
			changeSettings(this.#authority, actor, changes, this.facts().joinsByKey)
		);
		return changed.then((done) => (done.ok ? this.#giveKeys() : done));
	}

	setTimer(afterS: number): Done {
		return this.#do((actor) => setTimer(this.#authority, actor, afterS));
	}

	closeInvite(key: string): Done {
		return this.#do((actor) =>
			closeInvite(this.#authority, actor, key, this.facts().joinsByKey.get(key) ?? [])
		);
	}

	approveJoin(grant: string): Done {
		const join = this.facts().waiting.find((each) => each.grant === grant);
		if (join === undefined) return Promise.resolve(fail('not-waiting'));
		const approved = this.#do((actor) => approveJoin(this.#authority, actor, grant, join.accountKey));
		return approved.then((done) => (done.ok ? this.#giveKeys() : done));
	}

	/** Keys are as the act wants them (given to who has been let in, or new ones) now, and not when it is somebody's turn. */
	async #giveKeys(): Done {
		for (const { duty } of this.conversation.duties()) {
			if (duty.kind !== 'seal' && duty.kind !== 'begin') continue;
			const given = await this.conversation.fulfil(duty);
			if (!given.ok) return given;
		}
		return ok(undefined);
	}

	declineJoin(grant: string): Done {
		return this.#do((actor) => declineJoin(this.#authority, actor, grant));
	}

	/** To oneself: takes the offer back. */
	offerOwnership(account: string): Done {
		return this.#do((actor) => offerOwnership(this.#authority, actor, account));
	}

	acceptOwnership(): Done {
		return this.#do((actor) => acceptOwnership(this.#authority, actor, this.facts().offer?.grant ?? null));
	}

	/** Gives the group away if its owner is here, has offered it, and the other has agreed. To be asked after every fold. */
	async completeTransfer(): Promise<Result<void, ActFailure>> {
		if (this.#transferring || this.#authority.seat?.grant !== this.actor.grant) return ok(undefined);
		if (!this.facts().offer?.consent) return ok(undefined);
		this.#transferring = true;
		try {
			return await this.#do(async (actor) => {
				const consent = this.facts().offer?.consent;
				if (!consent) return fail('no-consent');
				const unsigned = await transfer(this.#authority, actor, consent, this.#capsOf);
				if (!unsigned.ok) return unsigned;
				const { crypto } = this.deps;
				const { conversation } = this.conversation.identity;
				return ok([await signOwner(crypto, await this.#accountKeys(), conversation, unsigned.value)]);
			});
		} finally {
			this.#transferring = false;
		}
	}

	/**
	 * Lets in who came by links for one person that this device has made. To be asked after every fold.
	 * @param nowMs links that have expired by then want a person's word
	 */
	async admitNewcomers(nowMs: number): Promise<Result<void, ActFailure>> {
		if (this.#admitting) return ok(undefined);
		this.#admitting = true;
		try {
			for (const { grant, inviteKey } of this.facts().waiting) {
				// Of several who have come by one link the first uses it up, and the others are not waiting any more.
				if (!admitsAlone(this.#authority, this.actor, inviteKey, nowMs)) continue;
				const admitted = await this.approveJoin(grant);
				if (!admitted.ok && admitted.reason !== 'not-waiting') return admitted;
			}
			return ok(undefined);
		} finally {
			this.#admitting = false;
		}
	}

	/** With which right, and on what terms, this device invites now. Before anything is known of the group: as a member. */
	async termsOfInviting(): Promise<
		Result<{ readonly auth: Uint8Array; readonly approval: boolean }, ActFailure>
	> {
		if (!this.#authority.founded) return ok({ auth: noAuthority, approval: false });
		const seated = await this.#takeSeat();
		return seated.ok ? inviting(this.#authority, this.actor) : seated;
	}

	/** Whether an open link of ours is still good, and gives what it would be given now. */
	async stillInvites({ seed, epochKind }: InviteLink, approval: boolean): Promise<boolean> {
		const given = approval ? 'control' : kindForInvites(newcomersOf(this.#authority));
		if (epochKind !== given) return false;
		const { publicKey } = await signingKeysOfSeed(this.deps.crypto.subtle, seed);
		const key = toBase64url(publicKey);
		return this.facts().invitations.some((known) => known.key === key && known.approval === approval);
	}

	get #authority() {
		return this.conversation.authority;
	}

	readonly #capsOf: CapsOf = (grants) => this.conversation.capsOver(grants);

	#accountKeys(): Promise<SigningKeys> {
		return signingKeysOfSeed(this.deps.crypto.subtle, this.deps.accountSeed);
	}

	async #do(build: (actor: Actor) => Act | Promise<Act>): Done {
		const seated = await this.#takeSeat();
		if (!seated.ok) return seated;
		const act = await build(this.actor);
		return act.ok ? this.#write(act.value) : act;
	}

	#write(records: readonly KnownRecord[]): Done {
		return this.conversation.act(records);
	}

	/** An owner whose control lane is lost (a copied profile, a damaged disk) goes on in this device's. */
	async #takeSeat(): Done {
		const right = rightOf(this.#authority, this.actor);
		if (right.ok || right.reason !== 'seat-elsewhere') return ok(undefined);
		if (this.actor.controlLane === null) {
			// A handover names the lane, so it has to have begun.
			const name = this.#authority.memberByAccount.get(this.actor.account)?.name ?? '';
			if (name === '') return fail('seat-elsewhere');
			const begun = await this.#write([{ type: 'profile', name }]);
			if (!begun.ok) return begun;
		}
		const unsigned = await handover(this.#authority, this.actor, this.#capsOf);
		if (!unsigned.ok) return unsigned;
		const { crypto } = this.deps;
		const { conversation } = this.conversation.identity;
		return this.#write([await signHandover(crypto, await this.#accountKeys(), conversation, unsigned.value)]);
	}
}
