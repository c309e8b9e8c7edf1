/**
 * Presence frames of a conversation: made in this device's control lane, and taken from lanes that count. A frame that is
 * not newer than the lane's last one, or far from this device's clock, is a replay.
 */
import { clockToleranceMs } from '../protocol/clock';
import { contextOf, controlSegment } from '../protocol/ids';
import {
	createPresence,
	openPresence,
	readPresenceHead,
	type PresenceRejection,
	type PresenceState
} from '../protocol/presence';
import { fail, ok, type Result } from '../protocol/result';
import type { FrontierParts } from './frontiers';

/** 'presence-lane': a lane of nobody that is known here; their join may be on its way. */
export type PresenceRefusal = PresenceRejection | 'presence-lane' | 'presence-replayed' | 'presence-stale';

export interface HeardPresence extends PresenceState {
	readonly account: string;
	/** When it was made, by its author's clock. */
	readonly atMs: number;
}

export class Presences {
	readonly #counterByLane = new Map<number, number>();
	#counter = 0;

	constructor(
		readonly parts: Pick<FrontierParts, 'identity' | 'ports' | 'keys' | 'own' | 'segments' | 'authority'>
	) {}

	/** @returns null before this device has a lane to sign with */
	async create(state: PresenceState): Promise<Uint8Array | null> {
		const { own, identity, ports, keys } = this.parts;
		const lane = own.active(controlSegment);
		const epoch = await keys.toWriteUnder('control');
		const held = epoch === null ? null : await keys.ring.keysOf(epoch);
		if (lane === undefined || held === null) return null;
		this.#counter = Math.max(this.#counter + 1, ports.clock.nowMs());
		const context = contextOf(identity.conversation, controlSegment);
		return createPresence(ports.crypto, held, context, lane, this.#counter, state);
	}

	async receive(bytes: Uint8Array): Promise<Result<HeardPresence, PresenceRefusal>> {
		const head = readPresenceHead(bytes);
		if (!head.ok) return head;
		const { lane, counter, epoch } = head.value;
		const { segments, keys, ports, authority } = this.parts;
		if (Math.abs(counter - ports.clock.nowMs()) > clockToleranceMs) return fail('presence-stale');
		if (!this.#isNewer(lane, counter)) return fail('presence-replayed');
		const control = segments.get(controlSegment)?.segment;
		const owner = authority().controlLaneByNumber.get(lane);
		const publicKey = control?.publicKeyOf(lane);
		if (control === undefined || owner === undefined || publicKey === undefined) return fail('presence-lane');
		const { subtle } = ports.crypto;
		const held = await keys.keysOf(epoch, 'control');
		if (held === null) return fail('presence-epoch');
		const opened = await openPresence(subtle, held, control.context, publicKey, bytes);
		if (!opened.ok) return opened;
		// Another one may have come while this one was being verified.
		if (!this.#isNewer(lane, counter)) return fail('presence-replayed');
		this.#counterByLane.set(lane, counter);
		return ok({ ...opened.value, account: owner.account, atMs: counter });
	}

	#isNewer(lane: number, counter: number): boolean {
		return counter > (this.#counterByLane.get(lane) ?? -1);
	}
}
