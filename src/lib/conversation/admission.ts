/**
 * The half of the guard that needs keys: sound runs become part of a segment if their lane's grant is known, and wait
 * in quarantine as long as it is not.
 */
import { toBase64url } from '../protocol/base64url';
import { equalBytes } from '../protocol/bytes';
import { msOfHlc } from '../protocol/clock';
import type { ForkProof } from '../protocol/guard/fork-proof';
import { admitRuns, type AdmittedRun } from '../protocol/guard/lanes';
import type { LaneRun } from '../protocol/guard/update';
import { accountIdOf } from '../protocol/ids';
import { deadFrom } from './authority';
import type { ControlLog } from './control-log';
import type { Loaded } from './loaded-segments';
import { isSound, openRecord, type OpeningContext } from './opening';
import type { OwnLanes } from './own-lanes';

/** Of one source; more is dropped and counted (protocol 3.4). */
const quarantineLanesLimit = 64;
/** All lanes of a group whose past a newcomer cannot open yet wait, with what opens it among them. */
const controlQuarantineLanesLimit = 256;
const quarantineLimitBytes = 1024 * 1024;

export interface Sorted {
	/** To be added. */
	readonly counted: readonly AdmittedRun[];
	readonly forks: readonly { readonly proof: ForkProof; readonly run: LaneRun }[];
	/** Entries before these, or another branch, are missing here. */
	readonly gap: boolean;
	/** The sender's fault. */
	readonly violations: readonly string[];
	/** Refused without anybody's fault. */
	readonly dropped: readonly string[];
}

/** This device, which another one may claim to be. */
export interface OwnDevice {
	readonly device: Uint8Array;
	/** Since when this one listens here. */
	readonly openedAtMs: number;
	/** See ConversationEvents.copied. */
	copied(): void;
}

type Verdict = 'counts' | 'waits' | { readonly refused: string };

export class Admission {
	constructor(
		readonly opening: OpeningContext,
		readonly own: OwnLanes,
		readonly control: ControlLog,
		readonly self: OwnDevice
	) {}

	/** Sorts what has come in. Adds nothing to the document. */
	async sort(loaded: Loaded, runs: readonly LaneRun[], origin: unknown): Promise<Sorted> {
		const { segment } = loaded;
		const { subtle } = this.opening;
		const admission = await admitRuns(subtle, segment.context, segment, segment.keys, runs, segment.allowed);
		const counted: AdmittedRun[] = [];
		const violations: string[] = admission.rejected.map(({ reason }) => reason);
		const dropped: string[] = [];
		for (const run of admission.admitted) {
			if (segment.nextClock(run.lane) > 0 || this.own.isOwn(run.lane)) {
				counted.push(run);
				continue;
			}
			const verdict = run.start > 0 ? 'waits' : await this.#certify(loaded, run);
			if (verdict === 'counts') counted.push(run);
			else if (verdict !== 'waits') violations.push(verdict.refused);
			else if (!(await this.#hold(loaded, run, origin))) dropped.push('quarantine-full');
		}
		const dead = (lane: number): number => deadFrom(this.control.authority, segment.number, lane);
		return {
			counted,
			forks: admission.forks.map((proof, i) => ({ proof, run: admission.forkRuns[i] as LaneRun })),
			gap: admission.gaps.length > 0 || admission.branches.some(({ lane, clock }) => clock < dead(lane)),
			violations,
			dropped: [...dropped, ...admission.unexplained.map(() => 'unexplained-placeholder')]
		};
	}

	/** Takes lanes of a message segment out of quarantine whose grants have become known. */
	async release(
		loaded: Loaded
	): Promise<{ readonly counted: readonly AdmittedRun[]; readonly dropped: readonly string[] }> {
		const counted: AdmittedRun[] = [];
		const dropped: string[] = [];
		for (const lane of loaded.segment.quarantine.lanes) {
			const verdict = await this.#certify(loaded, loaded.segment.quarantine.run(lane));
			if (verdict === 'waits') continue;
			const run = loaded.segment.quarantine.release(lane);
			if (verdict === 'counts') counted.push(run);
			else dropped.push(verdict.refused);
		}
		return { counted, dropped };
	}

	/** Takes lanes of the control segment out of quarantine that count now. */
	releaseControl({ segment }: Loaded): readonly AdmittedRun[] {
		const runs: AdmittedRun[] = [];
		for (const lane of this.control.admissible()) {
			this.control.drop(lane);
			if (segment.quarantine.has(lane)) runs.push(segment.quarantine.release(lane));
		}
		return runs;
	}

	/** Whether a new lane may enter: its certificate has to open, to verify and to name a grant that is known. */
	async #certify({ segment }: Loaded, run: AdmittedRun): Promise<Verdict> {
		const envelope = await openRecord(
			this.opening,
			segment.context,
			run.lane,
			0,
			run.entries[0] as Uint8Array
		);
		// Under an epoch that this device may still get.
		if (!envelope.ok) return envelope.reason === 'entry-epoch' ? 'waits' : { refused: envelope.reason };
		const { record } = envelope.value;
		if (record.type !== 'lane' || !(await isSound(this.opening, segment.context, run.publicKey, record))) {
			return { refused: 'certificate' };
		}
		const grantedTo = this.control.authority.accountByGrant.get(toBase64url(record.grant));
		if (grantedTo === undefined) return 'waits';
		if (grantedTo !== accountIdOf(record.account)) return { refused: 'certificate' };
		// Not of this device's lanes. Older ones may be of before it forgot the conversation.
		if (equalBytes(record.device, this.self.device) && msOfHlc(envelope.value.hlc) > this.self.openedAtMs)
			this.self.copied();
		return 'counts';
	}

	async #hold(loaded: Loaded, run: AdmittedRun, origin: unknown): Promise<boolean> {
		const lanesLimit = loaded.log === null ? controlQuarantineLanesLimit : quarantineLanesLimit;
		if (!loaded.segment.quarantine.hold(run, origin, lanesLimit, quarantineLimitBytes)) return false;
		if (loaded.log === null) {
			this.control.hold(run.lane, await this.control.open(loaded.segment, run));
			this.control.keepWaiting((lane) => loaded.segment.quarantine.has(lane));
		}
		return true;
	}
}
