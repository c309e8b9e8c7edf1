/**
 * What was really said and saved, by whom: what devices show is held against it. A message counts as saved when the
 * write has resolved; one whose device lost power before that may be there or not.
 */
import { toBase64url } from '../../src/lib/protocol/base64url';
import { entryIdOf } from '../../src/lib/protocol/entry';
import { decodeOwnUpdate } from '../../src/lib/protocol/guard/update';
import type { MessageContent } from '../../src/lib/protocol/records';
import type { BlindReplica } from './blind-replica';
import type { SimulatedDevice } from './simulated-device';

/** What a message answers, hangs from and asks. */
export type About = Pick<MessageContent, 'reply' | 'thread' | 'poll'>;

export interface Saying {
	readonly text: string;
	readonly about: About;
	readonly account: string;
	readonly device: SimulatedDevice;
	/**
	 * 'lost' by the person: their only copies were on disks that were replaced by older ones. 'deleted': somebody began to.
	 */
	state: 'unsure' | 'saved' | 'lost' | 'deleted';
	place: {
		readonly segment: number;
		readonly lane: number;
		readonly clock: number;
		readonly id: string;
	} | null;
}

export class Ledger {
	readonly sayingByText = new Map<string, Saying>();
	/** How many messages somebody began to delete. */
	deletions = 0;
	/** What a device of another account was known to hold on its disk when it gave its word. */
	readonly #vouchedByAccount = new Map<string, Set<string>>();

	/** Writes a message on a device, and follows what becomes of it. */
	say(device: SimulatedDevice, text: string, about: About = {}): void {
		const { conversation } = device;
		if (conversation === null) return;
		const { account } = device;
		const saying: Saying = { text, about, account, device, state: 'unsure', place: null };
		this.sayingByText.set(text, saying);
		void conversation.write({ type: 'message', text, ...about }).then((written) => {
			if (!written.ok) return;
			saying.state = 'saved';
			const { segment, lane, clock } = written.value;
			const row = device.disk.journal.find(
				(e) => e.segment === segment && e.lane === lane && e.clock === clock
			);
			// Released already: somebody else has it, and the place is not needed to look for it.
			if (row !== undefined) saying.place = { segment, lane, clock, id: toBase64url(entryIdOf(row.bytes)) };
		});
	}

	/** Deletes a message on a device of its author's. From now on it may be there or not; once that is saved, it may not. */
	delete(device: SimulatedDevice, saying: Saying): void {
		const { conversation } = device;
		if (conversation === null || saying.place === null) return;
		saying.state = 'deleted';
		this.deletions++;
		void conversation.delete(saying.account, [saying.place]);
	}

	get saved(): Saying[] {
		return [...this.sayingByText.values()].filter((saying) => saying.state === 'saved');
	}

	/** A device is about to give its word for what its disk holds. */
	vouch(device: SimulatedDevice): void {
		const vouched = this.#vouchedByAccount.get(device.account) ?? new Set<string>();
		this.#vouchedByAccount.set(device.account, vouched);
		for (const id of idsOnDisk(device)) vouched.add(id);
	}

	isVouchedByOther(saying: Saying): boolean {
		const id = saying.place?.id;
		if (id === undefined) return true;
		return [...this.#vouchedByAccount].some(([account, ids]) => account !== saying.account && ids.has(id));
	}

	/** After a disk was replaced by an older one: what nobody has any more on a disk is lost, and rightly so. */
	writeOff(devices: readonly SimulatedDevice[], replica: BlindReplica): void {
		const held = new Set<string>();
		const idsByText = new Map<string, string[]>();
		const note = (text: string, id: string): void => {
			const ids = idsByText.get(text);
			if (ids === undefined) idsByText.set(text, [id]);
			else ids.push(id);
		};
		for (const device of devices) {
			for (const id of idsOnDisk(device)) held.add(id);
			for (const entry of device.disk.journal) held.add(toBase64url(entryIdOf(entry.bytes)));
			for (const step of device.disk.readModel.rows) {
				if (step.type === 'messages') for (const { text, id } of step.messages) note(text, id);
			}
		}
		for (const id of replica.ids()) held.add(id);
		for (const saying of this.sayingByText.values()) {
			if (saying.place !== null) note(saying.text, saying.place.id);
			if (!(idsByText.get(saying.text) ?? []).some((id) => held.has(id))) saying.state = 'lost';
		}
	}
}

function* idsOnDisk(device: SimulatedDevice): Generator<string> {
	for (const rows of device.disk.rowsBySegment.values()) {
		for (const row of rows.rows.slice(0, rows.flushed)) {
			const runs = decodeOwnUpdate(row, Number.MAX_SAFE_INTEGER);
			if (!runs.ok) throw new Error(`a row on disk is unsound: ${runs.reason}`);
			for (const run of runs.value) for (const entry of run.entries) yield toBase64url(entryIdOf(entry));
		}
	}
}
