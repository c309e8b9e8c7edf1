/**
 * Links to devices of people who have been removed (docs/decisions/0017). They are told what they were removed by, may
 * bring a join by a new invitation, and get nothing else; then the link ends.
 */
import { removedAt } from '$lib/conversation/control-until';
import type { Conversation } from '$lib/conversation/conversation';
import type { Link } from '$lib/link/contract';
import type { Timers } from '$lib/link/timers';
import { encodeSyncFrame } from '$lib/protocol/sync-frames';
import { updateFrameBytes } from '$lib/replicas/peer-sync';

/** For the other side to take it in; it hangs up itself as soon as it has understood. */
const farewellMs = 10_000;
/** A device that comes back all the same is told again, but not more often than this. */
const pauseMs = 60_000;

export class Farewells {
	readonly #cancelByLink = new Map<Link, () => void>();

	constructor(
		readonly conversation: Conversation,
		readonly timers: Timers
	) {}

	has(link: Link): boolean {
		return this.#cancelByLink.has(link);
	}

	isRemoved(account: string): boolean {
		return removedAt(this.conversation.authority, account) !== null;
	}

	/** Tells a removed device, and ends the link after a while. */
	begin(link: Link): void {
		if (this.has(link)) return;
		this.#cancelByLink.set(
			link,
			this.timers.after(farewellMs, () => link.close('removed', pauseMs))
		);
		void this.#tell(link);
	}

	/** The fold has changed: who has come back by a new invitation is linked anew, as a member. */
	look(): void {
		for (const link of this.#cancelByLink.keys()) if (!this.isRemoved(link.peer.account)) link.close('back');
	}

	/** The link has closed. */
	end(link: Link): void {
		this.#cancelByLink.get(link)?.();
		this.#cancelByLink.delete(link);
	}

	async #tell(link: Link): Promise<void> {
		const at = removedAt(this.conversation.authority, link.peer.account);
		if (at === null) return;
		for await (const update of this.conversation.controlUntil(at, updateFrameBytes))
			if (!link.send('sync', encodeSyncFrame({ type: 'update', segment: 0, update }))) return;
	}
}
