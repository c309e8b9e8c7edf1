/**
 * A device: the app's own Conversation over a disk that can lose power. After a crash nothing that was under way goes
 * on: the ports of the old session never answer again.
 */
import * as Y from 'yjs';
import { EpochCourtesy, type CourtesyTimers } from '../../src/lib/conversation/keys/epoch-courtesy';
import { Conversation, type ConversationEvents } from '../../src/lib/conversation/conversation';
import type {
	ConversationIdentity,
	ConversationPorts,
	DiskRedaction,
	Documents,
	Epochs,
	Journal,
	Projection
} from '../../src/lib/conversation/ports';
import type { SegmentLimits } from '../../src/lib/conversation/segment';
import { HybridClock } from '../../src/lib/protocol/clock';
import type { CryptoPort } from '../../src/lib/protocol/crypto';
import type { SealPort } from '../../src/lib/protocol/seal';
import { ReadModel, SimulatedDisk, type ReadModelStep } from './simulated-disk';
import type { SeededRandom } from './seeded-random';
import type { VirtualTime } from './virtual-time';

export interface DeviceWorld {
	readonly time: VirtualTime;
	readonly random: SeededRandom;
	readonly crypto: CryptoPort;
	readonly seals: SealPort;
	readonly limits: SegmentLimits;
	/** Of the commits, how many take a while. */
	readonly slowDisk: number;
	readonly events: (device: SimulatedDevice) => ConversationEvents;
}

const never = (): Promise<never> => new Promise(() => undefined);
/** A commit in a browser: some milliseconds (research/performance). */
const longestCommitMs = 15;

export class SimulatedDevice {
	disk: SimulatedDisk;
	readModel = new ReadModel();
	#session: { readonly docs: Map<number, Y.Doc>; alive: boolean } | null = null;
	conversation: Conversation | null = null;
	#courtesy: EpochCourtesy | null = null;
	/** Wrong by this much: clocks are, and nothing may depend on them. */
	clockErrorMs = 0;
	/** Opens and closes of a session; what belongs to an earlier one is dropped. */
	generation = 0;

	constructor(
		readonly name: string,
		/** Writes as this account. */
		readonly account: string,
		readonly identity: ConversationIdentity,
		readonly world: DeviceWorld,
		disk = new SimulatedDisk(),
		readonly newestSegmentHint = 1
	) {
		this.disk = disk;
	}

	get isUp(): boolean {
		return this.conversation !== null;
	}

	get docs(): ReadonlyMap<number, Y.Doc> {
		return this.#session?.docs ?? new Map();
	}

	async start(): Promise<void> {
		const session = { docs: new Map<number, Y.Doc>(), alive: true };
		const generation = ++this.generation;
		this.#session = session;
		this.readModel = new ReadModel();
		for (const step of this.disk.readModel.rows) this.readModel.apply(step);
		const conversation = await Conversation.open(
			this.identity,
			this.#ports(session),
			{
				cursors: [...this.readModel.cursorByLane.values()],
				newestSegmentHint: this.newestSegmentHint,
				limits: this.world.limits,
				...(this.disk.delivery && { delivery: this.disk.delivery })
			},
			this.world.events(this)
		);
		if (generation !== this.generation) return;
		this.conversation = conversation;
		this.#courtesy = new EpochCourtesy(conversation, this.#timers(generation), () => undefined);
		this.#courtesy.look();
		// As the app does it: what was open when the power went may be ahead of the read model.
		await conversation.warm();
		for (const segment of this.disk.openSegments) await conversation.project(segment);
	}

	/** Somebody looks at all that is on screen. */
	read(): void {
		const shown = [...this.readModel.messageById.values()];
		const newest = shown.reduce((a, b) => (b.time > a.time || (b.time === a.time && b.id > a.id) ? b : a), {
			time: 0,
			id: ''
		});
		this.conversation?.markRead(newest);
	}

	/** What there is to know of epochs has changed. */
	lookAtEpochs(): void {
		this.#courtesy?.look();
	}

	#timers(generation: number): CourtesyTimers {
		return {
			after: (ms, act) => {
				let isCancelled = false;
				this.world.time.after(ms, () => {
					if (!isCancelled && generation === this.generation) act();
				});
				return () => void (isCancelled = true);
			}
		};
	}

	/** Power off. What is not flushed is lost from some point on. */
	crash(): void {
		this.#freeze();
		this.disk.losePower(this.world.random);
	}

	/** Replaces the disk while the power is off. */
	restore(disk: SimulatedDisk): void {
		this.#freeze();
		this.disk = disk;
	}

	#freeze(): void {
		if (this.#session !== null) this.#session.alive = false;
		this.#session = null;
		this.conversation = null;
		this.#courtesy?.close();
		this.#courtesy = null;
		this.generation++;
	}

	/** Closes the app in an orderly way. */
	async stop(): Promise<void> {
		const { conversation } = this;
		this.conversation = null;
		await conversation?.close();
		this.disk.flush();
		this.#freeze();
	}

	#ports(session: { readonly docs: Map<number, Y.Doc>; alive: boolean }): ConversationPorts {
		const { crypto, seals, time } = this.world;
		return {
			crypto,
			seals,
			epochs: this.#epochs(session),
			clock: new HybridClock(() => time.nowMs + this.clockErrorMs),
			journal: this.#journal(session),
			documents: this.#documents(session),
			redaction: this.#redaction(session),
			projection: this.#projection(session),
			yieldTurn: () => (session.alive ? Promise.resolve() : never()),
			sharing: () => ({ receipts: true, online: true })
		};
	}

	#epochs(session: { alive: boolean }): Epochs {
		const { world, disk } = this;
		return {
			load: async () => [...disk.epochById.values()],
			keep: async (epochs) => {
				if (!session.alive) return never();
				if (world.random.chance(world.slowDisk)) {
					await world.time.pause(1 + world.random.below(longestCommitMs));
					if (!session.alive) return never();
				}
				for (const epoch of epochs) disk.epochById.set(epoch.id, epoch);
				return { ok: true, value: undefined };
			}
		};
	}

	#journal(session: { alive: boolean }): Journal {
		const { world, disk } = this;
		return {
			load: async () => ({
				lanes: [...disk.laneByNumber.values()],
				entries: disk.journal.map((entry) => ({ ...entry }))
			}),
			commit: async (lane, entries) => {
				if (!session.alive) return never();
				if (world.random.chance(world.slowDisk)) {
					await world.time.pause(1 + world.random.below(longestCommitMs));
					// The power went while the commit was on its way: it may have made it, but nobody has heard.
					if (!session.alive) {
						if (disk === this.disk && world.random.chance(0.5)) disk.commit(lane, entries);
						return never();
					}
				}
				disk.commit(lane, entries);
				return { ok: true, value: undefined };
			},
			settle: async () => {
				if (!session.alive) return never();
				const { commits } = disk;
				if (world.random.chance(world.slowDisk)) {
					await world.time.pause(1 + world.random.below(longestCommitMs));
					if (!session.alive) return never();
				}
				disk.settle(commits);
				return { ok: true, value: undefined };
			},
			release: async (segment, lane, next) => {
				if (!session.alive) return never();
				disk.release(segment, lane, next);
			}
		};
	}

	#documents(session: { readonly docs: Map<number, Y.Doc>; alive: boolean }): Documents {
		const { disk } = this;
		return {
			open: async (segment) => {
				if (!session.alive) return never();
				const known = session.docs.get(segment);
				if (known !== undefined) return known;
				const doc = new Y.Doc();
				const rows = disk.rows(segment);
				for (const row of rows.rows) Y.applyUpdate(doc, row);
				doc.on('update', (update: Uint8Array) => {
					if (session.alive) rows.add(update);
				});
				session.docs.set(segment, doc);
				disk.openSegments.add(segment);
				return doc;
			},
			close: async (segment) => {
				if (!session.alive) return never();
				session.docs.get(segment)?.destroy();
				session.docs.delete(segment);
				// As the app does it: a document is on disk before it is let go.
				disk.rows(segment).flush();
				// SQLite syncs each commit (research/performance); rows of a read model go with the commit that wrote them.
				disk.readModel.flush();
				disk.openSegments.delete(segment);
			},
			metas: async () => [...disk.metaBySegment.values()],
			saveMeta: async (meta) => {
				if (!session.alive) return never();
				disk.metaBySegment.set(meta.segment, meta);
			}
		};
	}

	#redaction(session: { readonly docs: Map<number, Y.Doc>; alive: boolean }): DiskRedaction {
		const { disk } = this;
		return {
			redact: async (segment, redacted) => {
				const doc = session.docs.get(segment);
				if (!session.alive || doc === undefined) return never();
				disk.redact(segment, redacted, Y.encodeStateAsUpdate(doc));
				return { ok: true, value: undefined };
			},
			redacted: async (segment) => (session.alive ? (disk.redactedBySegment.get(segment) ?? []) : never()),
			erasures: async () => [],
			erased: async () => undefined
		};
	}

	#projection(session: { alive: boolean }): Projection {
		const step = async (each: ReadModelStep): Promise<void> => {
			if (!session.alive) return never();
			this.disk.readModel.add(each);
			this.readModel.apply(each);
		};
		return {
			messages: (messages, cursors, acts) => step({ type: 'messages', messages, acts, cursors }),
			withdrawn: (ids, from) => step({ type: 'withdrawn', ids, from }),
			deleted: (deletions) => step({ type: 'deleted', deletions }),
			authority: async () => (session.alive ? undefined : never())
		};
	}
}
