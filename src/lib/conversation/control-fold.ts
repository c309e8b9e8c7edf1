/**
 * Folds what comes into the control segment, and lets what follows from it happen: another authority, other epochs, and
 * with them what counts and what can be read.
 */
import type { AdmittedRun } from '../protocol/guard/lanes';
import type { Admission } from './admission';
import type { Authority } from './authority';
import type { ControlLog } from './control-log';
import type { ConversationEvents } from './conversation-events';
import type { Forks } from './forks';
import type { ConversationKeys } from './keys/conversation-keys';
import { givesEpochs } from './keys/epoch-facts-reader';
import type { Loaded, LoadedSegments } from './loaded-segments';
import type { OpenedEntry } from './opening';
import type { ConversationPorts } from './ports';
import type { ConversationTasks } from './conversation-tasks';
import type { ReadModelFeed } from './read-model-feed';
import type { Redactions } from './redactions';

export interface ControlFoldParts {
	readonly ports: ConversationPorts;
	readonly events: ConversationEvents;
	readonly segments: LoadedSegments;
	readonly control: ControlLog;
	readonly keys: ConversationKeys;
	readonly admission: Admission;
	readonly feed: ReadModelFeed;
	readonly forks: Forks;
	readonly redactions: Redactions;
	readonly tasks: ConversationTasks;
	/** See Intake.add. */
	add(loaded: Loaded, runs: readonly AdmittedRun[], origin: unknown): Promise<void>;
}

export class ControlFold {
	readonly #parts: ControlFoldParts;
	/** What `epochsChanged` told last. */
	#epochsTold = '';

	constructor(parts: ControlFoldParts) {
		this.#parts = parts;
	}

	/** Entries that stand in the control segment now. */
	async fold({ segment }: Loaded, runs: readonly AdmittedRun[]): Promise<void> {
		const { control, feed } = this.#parts;
		const entries: OpenedEntry[] = [];
		for (const run of runs) entries.push(...(await control.open(segment, run)));
		if (entries.length === 0) return;
		// Those before have been folded as what they were.
		await feed.settled();
		const before = control.authority;
		this.#observe(entries);
		control.add(entries);
		await this.#refold(before, await this.#readOn(entries));
	}

	/** Reads what waits in quarantine: it may give epochs. */
	async readWaiting(): Promise<void> {
		const { control, feed } = this.#parts;
		const before = control.authority;
		await feed.settled();
		const isOpened = await this.#readOn(control.waiting);
		if (isOpened) await this.#refold(before, isOpened);
	}

	/** Opens the epochs that these entries give, and what stands under them, until nothing is new. */
	async #readOn(entries: readonly OpenedEntry[]): Promise<boolean> {
		const { keys, control } = this.#parts;
		keys.changed();
		let isOpened = false;
		if (!entries.some(({ record }) => givesEpochs(record))) return isOpened;
		for (let ids = await keys.openMore(); ids.length > 0; ids = await keys.openMore()) {
			isOpened = true;
			this.#observe(await control.reopen(new Set(ids)));
			keys.changed();
		}
		return isOpened;
	}

	#observe(entries: readonly OpenedEntry[]): void {
		for (const { hlc } of entries) this.#parts.ports.clock.observe(hlc);
	}

	/** The authority is another one, and with it what counts. @param isOpened epochs are held that were not before */
	async #refold(before: Authority, isOpened: boolean): Promise<void> {
		const { ports, events, control, segments, forks, keys } = this.#parts;
		await ports.projection.authority(control.authority);
		events.authorityChanged(control.authority);
		for (const loaded of segments.all) if (loaded.log !== null) await this.#reconsider(loaded);
		await this.#redact();
		await forks.apply(before);
		if (isOpened) await this.#reread();
		if (keys.current !== null) segments.expect(keys.current.firstSegment);
		const told = `${keys.current?.id} ${keys.ring.held.length}`;
		if (told === this.#epochsTold) return;
		this.#epochsTold = told;
		await keys.ready();
		events.epochsChanged?.();
	}

	/** Lets go of what is deleted, now of what is loaded, and of the rest one segment after the other. */
	async #redact(): Promise<void> {
		const { segments, redactions, tasks, feed } = this.#parts;
		for (const loaded of segments.all)
			if (loaded.log !== null && (await redactions.apply(loaded))) await feed.redacted(loaded);
		for (const number of redactions.unseen())
			void tasks.run(async () => {
				if (!tasks.isClosed && redactions.unseen().includes(number)) await segments.load(number);
			});
	}

	/** Shows what could not be opened before. */
	async #reread(): Promise<void> {
		const { segments, feed } = this.#parts;
		for (const loaded of segments.all) if (loaded.log !== null) await feed.reread(loaded);
		for (const number of [...feed.unreadSegments])
			if (segments.get(number) === undefined) await segments.load(number);
	}

	/** Grants have changed: lanes may leave quarantine, and others may speak for nobody any more. */
	async #reconsider(loaded: Loaded): Promise<void> {
		const { feed, admission, events, add } = this.#parts;
		await feed.reattribute(loaded);
		const { counted, dropped } = await admission.release(loaded);
		await add(loaded, counted, null);
		for (const reason of dropped) events.rejected(reason);
	}
}
