/**
 * What this device does about epochs, as `epochs/epoch-duties.ts` says it is to: begins one, seals one for whoever lacks
 * it, says what leads back from it, says that it cannot open one. Runs within the conversation's queue.
 */
import { fromBase64url, toBase64url } from '../../protocol/base64url';
import { revealsPast } from '../../protocol/epoch-records';
import type { EpochPart, KnownRecord, RemoveRecord } from '../../protocol/records';
import { ok, type Result } from '../../protocol/result';
import { recipientOf } from '../../protocol/seal';
import type { Authority } from '../authority';
import { dutiesOf, epochToAskUnder, turnOf, type Duty } from '../epochs/epoch-duties';
import { makePast, makeSeals } from '../epochs/make-epoch';
import type { Appending } from '../forks';
import { unread, type OpenedEntry } from '../opening';
import type { JournalFailure } from '../ports';
import type { Place } from '../unsettled-entries';
import type { ConversationKeys, DrawnEpoch } from './conversation-keys';

/** As many as one `unopened` record names. */
const unopenedLimit = 16;

export interface EpochActsParts {
	readonly keys: ConversationKeys;
	/** The next own control entry's place; a lane that has not begun has none. */
	readonly nextPlace: () => { readonly lane: number; readonly clock: number } | null;
	/** See LoadedSegments.unused. */
	readonly unusedSegment: () => Promise<number>;
	readonly authorityWith: (more: readonly OpenedEntry[]) => Authority;
	/** Writes into the control segment. */
	readonly say: (record: KnownRecord, how: Appending) => Promise<Result<Place, JournalFailure>>;
	readonly rejected: (reason: string) => void;
}

type Done = Promise<Result<void, JournalFailure>>;

export class EpochActs {
	constructor(readonly parts: EpochActsParts) {}

	/** Whoever wants to write and finds no clean epoch begins one, at once. */
	async ensureClean(): Done {
		const { keys } = this.parts;
		if (keys.current !== null || !keys.mayBegin) return ok(undefined);
		return this.#begin();
	}

	/** What is to be done now, with how long to wait before (ms) in case somebody else does it. */
	duties(nowMs: number): readonly { readonly duty: Duty; readonly turnMs: number }[] {
		const { graph, holdings } = this.parts.keys;
		return dutiesOf(graph, holdings, nowMs).map((duty) => ({ duty, turnMs: turnOf(graph, holdings, duty) }));
	}

	/** Does what is to be done, if it still is. */
	async fulfil(duty: Duty, nowMs: number): Done {
		if (!this.duties(nowMs).some((due) => dutyKey(due.duty) === dutyKey(duty))) return ok(undefined);
		switch (duty.kind) {
			case 'begin':
				return this.#begin();
			case 'seal':
				return this.#seal(duty);
			case 'say-past':
				return this.#sayPast(duty);
			case 'say-unopened':
				return this.#sayUnopened(duty.epochs);
		}
	}

	/**
	 * Writes a removal, with what else is part of the act, together with the epoch that begins with it, sealed to nobody
	 * whom it removes. The epoch is drawn before anything is said: others are not to begin one of their own in between.
	 * @param isRemoval whether a record is one that is to begin an epoch; the first of them does
	 * @returns the places of the records
	 */
	async remove(
		records: readonly KnownRecord[],
		isRemoval: (record: KnownRecord) => record is RemoveRecord
	): Promise<Result<readonly Place[], JournalFailure>> {
		const { keys, say, rejected } = this.parts;
		const under = keys.toAnnounceUnder;
		const drawn = await this.#drawAfter(records, under);
		if (!drawn.ok) return drawn;
		const epoch = drawn.value;
		if (epoch === null) rejected('removal-without-epoch');
		const removal = records.find(isRemoval);
		const places: Place[] = [];
		for (const record of records) {
			const how = under === null ? {} : { under };
			const said =
				record === removal && epoch !== null
					? await say({ ...removal, epoch: epoch.part }, { ...how, notBefore: epoch.notBefore })
					: await say(record, how);
			if (!said.ok) return said;
			places.push(said.value);
		}
		const past = epoch === null ? ok(undefined) : await this.#leadBack(epoch);
		return past.ok ? ok(places) : past;
	}

	/** An epoch as it has to be once these records are said. */
	async #drawAfter(
		records: readonly KnownRecord[],
		under: string | null
	): Promise<Result<DrawnEpoch | null, JournalFailure>> {
		const { keys, nextPlace, authorityWith, unusedSegment } = this.parts;
		const place = nextPlace();
		if (place === null || under === null) return ok(null);
		const hlc = keys.ports.clock.tick();
		const more = records.map((record, i): OpenedEntry => ({
			id: toBase64url(new Uint8Array(32).fill(i)),
			lane: place.lane,
			clock: place.clock + i,
			hlc,
			record,
			sound: true,
			epoch: under
		}));
		return keys.draw(keys.factsWith(more, authorityWith(more)), await unusedSegment());
	}

	async #begin(): Done {
		const { keys, say, rejected, unusedSegment } = this.parts;
		const under = keys.toAnnounceUnder;
		const drawn = await keys.draw(keys.graph.facts, await unusedSegment());
		if (!drawn.ok) return drawn;
		if (drawn.value === null || under === null) {
			rejected('no-epoch');
			return ok(undefined);
		}
		const { part, notBefore } = drawn.value;
		const said = await say(epochRecord(part), { under, notBefore });
		return said.ok ? this.#leadBack(drawn.value) : said;
	}

	async #leadBack({ id, past }: DrawnEpoch): Done {
		const said = await this.parts.say(past, { under: id });
		return said.ok ? ok(undefined) : said;
	}

	async #sayPast({ epoch, parents }: Extract<Duty, { kind: 'say-past' }>): Done {
		const { keys, say } = this.parts;
		const reveals = revealsPast(keys.graph.byId.get(epoch)?.newcomers ?? 'control');
		const record = await makePast(keys.ring, epoch, parents, reveals);
		if (record === null) return ok(undefined);
		const said = await say(record, { under: epoch });
		return said.ok ? ok(undefined) : said;
	}

	/** One record for each epoch under which its recipients are known to read. */
	async #seal({ epoch, sealed, to }: Extract<Duty, { kind: 'seal' }>): Done {
		const { keys, say } = this.parts;
		const readBy = this.#lastEpochs();
		const toByUnder = new Map<string, string[]>();
		for (const device of to) {
			const under = readBy.get(device) ?? epoch;
			toByUnder.set(under, [...(toByUnder.get(under) ?? []), device]);
		}
		for (const [under, devices] of toByUnder) {
			const record = await makeSeals(keys.ring, keys.graph, epoch, sealed, devices);
			if (record === null) continue;
			const said = await say(record, { under });
			if (!said.ok) return said;
		}
		return ok(undefined);
	}

	async #sayUnopened(epochs: readonly string[]): Done {
		const { keys, say } = this.parts;
		const recipient = bytesOf(keys.recipient);
		const under = epochToAskUnder(keys.graph, keys.holdings);
		const record: KnownRecord = {
			type: 'unopened',
			recipient,
			epochs: epochs.slice(0, unopenedLimit).map(bytesOf)
		};
		const said = await say(record, under === null ? {} : { under });
		return said.ok ? ok(undefined) : said;
	}

	/** By recipient name: the epoch of each device's newest word that can be read here; that much it holds for sure. */
	#lastEpochs(): ReadonlyMap<string, string> {
		const { keys } = this.parts;
		const { entries } = keys.control();
		const nameByLane = new Map<number, string>();
		for (const { lane, clock, record, sound } of entries)
			if (clock === 0 && sound && record.type === 'lane')
				nameByLane.set(lane, toBase64url(recipientOf(record.agreement)));
		const newest = new Map<string, OpenedEntry>();
		for (const entry of entries) {
			const name = nameByLane.get(entry.lane);
			if (name === undefined || entry.record === unread) continue;
			if (entry.hlc > (newest.get(name)?.hlc ?? -1)) newest.set(name, entry);
		}
		return new Map([...newest].map(([name, { epoch }]) => [name, epoch]));
	}
}

/** The same for the same duty, whenever it is worked out. */
export const dutyKey = (duty: Duty): string => JSON.stringify(duty);

const epochRecord = (part: EpochPart): KnownRecord => ({ type: 'epoch', ...part });

function bytesOf(name: string): Uint8Array {
	const bytes = fromBase64url(name);
	if (!bytes.ok) throw new TypeError(`${name} is no name of ours`);
	return bytes.value;
}
