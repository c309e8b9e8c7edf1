/** A member of a seeded group: joins by the real classes, then writes message lanes without a journal in between. */
import { webcrypto } from 'node:crypto';
import * as Y from 'yjs';
import { Conversation } from '../../src/lib/conversation/conversation';
import type { Author } from '../../src/lib/conversation/founding';
import type {
	ConversationIdentity,
	ConversationPorts,
	OwnLane,
	Projection
} from '../../src/lib/conversation/ports';
import type { Segment } from '../../src/lib/conversation/segment';
import { certifyLane } from '../../src/lib/protocol/certificates';
import type { HybridClock } from '../../src/lib/protocol/clock';
import { webCryptoPort, type SigningKeys } from '../../src/lib/protocol/crypto';
import { createEntry } from '../../src/lib/protocol/entry';
import { deriveEpochKeys, type EpochKeys } from '../../src/lib/protocol/epoch';
import type { AdmittedRun } from '../../src/lib/protocol/guard/lanes';
import { contextOf, laneOf } from '../../src/lib/protocol/ids';
import { depIdLength, encodeRecord, type Dep, type KnownRecord } from '../../src/lib/protocol/records';
import { ok } from '../../src/lib/protocol/result';
import { hpkeSealPort } from '../../src/lib/protocol/seal';
import { newAccount } from '../new-account';

export const seedCrypto = webCryptoPort(webcrypto as Crypto);

/** Of a new account. */
export const newAuthor = async (): Promise<Author> => (await newAccount(seedCrypto)).author;

const noProjection: Projection = {
	messages: async () => undefined,
	withdrawn: async () => undefined,
	deleted: async () => undefined,
	authority: async () => undefined
};

function memoryPorts(
	clock: HybridClock,
	lanes: readonly OwnLane[],
	projection: Projection
): ConversationPorts {
	const docBySegment = new Map<number, Y.Doc>();
	const nothing = async (): Promise<void> => undefined;
	return {
		crypto: seedCrypto,
		clock,
		seals: hpkeSealPort(),
		epochs: { load: async () => [], keep: async () => ok(undefined) },
		journal: {
			load: async () => ({ lanes, entries: [] }),
			commit: async () => ok(undefined),
			settle: async () => ok(undefined),
			release: nothing
		},
		documents: {
			open: async (segment) => {
				const doc = docBySegment.get(segment) ?? new Y.Doc();
				docBySegment.set(segment, doc);
				return doc;
			},
			close: nothing,
			metas: async () => [],
			saveMeta: nothing
		},
		projection,
		yieldTurn: nothing
	};
}

/**
 * A real conversation in memory.
 *
 * @param projection what stands where the read model would
 * @param newestSegmentHint the segment in which the others are said to write
 */
export async function openInMemory(
	identity: ConversationIdentity,
	clock: HybridClock,
	lanes: readonly OwnLane[],
	projection: Projection = noProjection,
	newestSegmentHint = 1
): Promise<Conversation> {
	const refused: string[] = [];
	const conversation = await Conversation.open(
		identity,
		memoryPorts(clock, lanes, projection),
		{ cursors: [], newestSegmentHint },
		{
			admitted: () => undefined,
			authorityChanged: () => undefined,
			deliveryChanged: () => undefined,
			rejected: (reason) => refused.push(reason)
		}
	);
	if (refused.length > 0) throw new Error(`the seeded group refused its own entries: ${refused.join(', ')}`);
	return conversation;
}

/** All of a segment, as somebody admits it who had nothing. */
export function allRuns(segment: Segment): AdmittedRun[] {
	return [...segment.runsAbove(new Map())].map((run) => {
		const publicKey = segment.publicKeyOf(run.lane);
		if (publicKey === undefined) throw new Error('a lane without a key');
		const ids = run.entries.map((_, i) => {
			const id = segment.entryId(run.lane, i);
			if (id === undefined) throw new Error('an entry without an id');
			return id;
		});
		return { ...run, ids, publicKey };
	});
}

interface LaneInWork {
	readonly segment: number;
	readonly lane: number;
	readonly keys: SigningKeys;
	readonly entries: Uint8Array[];
	readonly ids: Uint8Array[];
}

/** The author's lanes in message segments, written as `OwnLanes` writes them. */
export class MessageLanes {
	#current: LaneInWork | null = null;
	#head: Uint8Array = new Uint8Array(32);
	#keys: Promise<EpochKeys> | null = null;

	constructor(
		readonly identity: ConversationIdentity,
		readonly clock: HybridClock
	) {}

	/** The newest entry as others name it in their deps; null before there is one in the segment. */
	get newest(): Dep | null {
		const current = this.#current;
		const id = current?.ids.at(-1);
		return current && id
			? { lane: current.lane, clock: current.ids.length - 1, id: id.subarray(0, depIdLength) }
			: null;
	}

	/**
	 * Appends a message; the first of a segment begins a lane.
	 * @returns bytes and entries that this added
	 */
	async write(
		segment: number,
		text: string,
		deps: readonly Dep[]
	): Promise<{ bytes: number; entries: number }> {
		if (this.#current?.segment !== segment) {
			const lane = await this.#begin(segment);
			this.#current = lane;
			const { certificate, devicePrivateKey, grant, conversation } = this.identity;
			const context = contextOf(conversation, segment);
			const certified = await certifyLane(
				seedCrypto,
				certificate,
				devicePrivateKey,
				context,
				lane.keys.publicKey,
				grant
			);
			const first = await this.#append(lane, certified, []);
			return { bytes: first + (await this.#append(lane, { type: 'message', text }, deps)), entries: 2 };
		}
		return { bytes: await this.#append(this.#current, { type: 'message', text }, deps), entries: 1 };
	}

	/** What has been written in the segment; null if nothing. */
	run(segment: number): AdmittedRun | null {
		const current = this.#current;
		if (current?.segment !== segment) return null;
		const { lane, entries, ids, keys } = current;
		return { lane, start: 0, entries, ids, publicKey: keys.publicKey };
	}

	async #begin(segment: number): Promise<LaneInWork> {
		const keys = await seedCrypto.generateSigningKeys();
		return { segment, lane: laneOf(keys.publicKey), keys, entries: [], ids: [] };
	}

	async #append(lane: LaneInWork, record: KnownRecord, deps: readonly Dep[]): Promise<number> {
		const { conversation, epoch } = this.identity;
		this.#keys ??= deriveEpochKeys(seedCrypto.subtle, conversation, epoch.secret);
		const keys = await this.#keys;
		const entry = await createEntry(seedCrypto, keys, {
			place: { context: contextOf(conversation, lane.segment), lane: lane.lane, clock: lane.entries.length },
			class: record.type === 'lane' ? 'lane' : 'message',
			prev: this.#head,
			record: encodeRecord({ hlc: this.clock.tick(), deps, record }),
			lanePublicKey: lane.keys.publicKey,
			lanePrivateKey: lane.keys.privateKey
		});
		lane.entries.push(entry.bytes);
		lane.ids.push(entry.id);
		this.#head = entry.id;
		return entry.bytes.length;
	}
}
