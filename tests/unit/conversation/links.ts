/** Links in memory between people of a group: the app's own PeerSync at both ends. */
import { decodeUpdate } from '../../../src/lib/protocol/guard/update';
import { parseEntry } from '../../../src/lib/protocol/entry';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { controlSegment } from '../../../src/lib/protocol/ids';
import { decodeSyncFrame } from '../../../src/lib/protocol/sync-frames';
import { PeerSync } from '../../../src/lib/replicas/peer-sync';
import type { Person } from './people';

/** What came over a link to one end of it. */
export interface Heard {
	/** Message segments that were named, or of which anything came. */
	readonly segments: Set<number>;
	/** Epochs, base64url, under which entries of message segments that came are sealed. */
	readonly epochs: Set<string>;
	/** How often the other end has refused a segment. */
	withheld: number;
}

/**
 * They meet, tell each other all that is for the other, and part.
 * @returns what came to each of them
 */
export async function meet(a: Person, b: Person): Promise<readonly [Heard, Heard]> {
	const waiting: (() => Promise<void>)[] = [];
	const ends: PeerSync[] = [];
	const heard = [a, b].map((): Heard => ({ segments: new Set(), epochs: new Set(), withheld: 0 }));
	const pairs = [
		[a, b],
		[b, a]
	] as const;
	for (const [i, [own, other]] of pairs.entries()) {
		const there = heard[1 - i] as Heard;
		ends.push(
			new PeerSync(own.conversation, {
				send: (frame) => {
					note(frame, there);
					const bytes = frame.slice();
					waiting.push(() => (ends[1 - i] as PeerSync).receive(bytes));
					return true;
				},
				queuedBytes: () => 0,
				drained: () => Promise.resolve(),
				violation: (reason) => {
					throw new Error(reason);
				},
				heard: () => undefined,
				mayHave: (segment) => own.conversation.isFor(other.conversation.account, segment),
				withheld: () => there.withheld++,
				progress: () => undefined
			})
		);
	}
	const [one, two] = ends as [PeerSync, PeerSync];
	one.announce();
	two.announce();
	// What is for whom hangs on the control segment, which has come by the second round.
	for (let round = 0; round < 3; round++) {
		await settle(waiting, ends);
		for (const end of ends) end.reconsider();
	}
	await settle(waiting, ends);
	for (const end of ends) end.close();
	return heard as [Heard, Heard];
}

async function settle(waiting: (() => Promise<void>)[], ends: readonly PeerSync[]): Promise<void> {
	for (let idle = 0; idle < 3; idle++) {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
			idle = 0;
			await next();
		}
		// Whatever is being answered goes through the queues of both conversations.
		for (const { conversation } of ends) await conversation.stateVector(controlSegment);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

function note(bytes: Uint8Array, heard: Heard): void {
	const frame = decodeSyncFrame(bytes);
	if (!frame.ok) throw new Error(frame.reason);
	if (frame.value.type === 'inventory')
		for (const { segment } of frame.value.segments)
			if (segment !== controlSegment) heard.segments.add(segment);
	if (frame.value.type !== 'update' || frame.value.segment === controlSegment) return;
	heard.segments.add(frame.value.segment);
	const runs = decodeUpdate(frame.value.update);
	if (!runs.ok) throw new Error(runs.reason);
	for (const { start, entries } of runs.value)
		for (const [i, entry] of entries.entries()) {
			const parsed = parseEntry(entry, start + i);
			if (parsed.ok) heard.epochs.add(toBase64url(parsed.value.header.epoch));
		}
}
