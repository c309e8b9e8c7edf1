/**
 * First words of members to other members of their group (docs/decisions/0032): which of them to try to open, and to
 * which device of somebody one's own are sealed. Pure over the control entries; opens nothing.
 */
import type { DeviceCertificate } from '../protocol/certificates';
import { hlcOfMs } from '../protocol/clock';
import type { GreetingRecord, LaneRecord } from '../protocol/records';
import type { Authority, ControlEntry } from './authority';

/** An honest person does not write to more strangers; whoever does has the others wait for an hour. */
export const greetingsPerLaneAndHour = 8;
/** Whoever was away for longer has other ways to be reached; and all of them are tried at each start. */
export const greetingsLastMs = 30 * 24 * 60 * 60_000;
const hourMs = 60 * 60_000;

export interface Greeting {
	/** Of the entry, base64url. */
	readonly id: string;
	/** Of who says it; its device has written the lane. */
	readonly certificate: DeviceCertificate;
	/** What they call themselves in the group; '' if they have not said. */
	readonly name: string;
	readonly hlc: number;
	readonly record: GreetingRecord;
}

/** What a greeting follows from. */
export interface GreetedGroup {
	readonly authority: Authority;
	readonly controlEntries: readonly ControlEntry[];
	/** Own account id. */
	readonly account: string;
}

/**
 * Greetings of the last thirty days that may be for this account, in any order: of others who are, or were until they
 * left, members of a group in which this account is one. What is dated ahead of the clock's tolerance is left out; so is
 * what somebody said whom the group has removed since, and what goes beyond the pace of a lane.
 * @param latestHlc see HybridClock: now, and what clocks may differ by
 */
export function greetingsIn(
	{ authority, controlEntries, account }: GreetedGroup,
	latestHlc: number
): readonly Greeting[] {
	if (authority.kind !== 'group' || !isHere(authority, account)) return [];
	const said = controlEntries.filter(({ record }) => record.type === 'greeting');
	if (said.length === 0) return [];
	const earliest = latestHlc - hlcOfMs(greetingsLastMs);
	return withinPace(said).flatMap(({ id, lane, clock, hlc, record }): Greeting[] => {
		const of = authority.controlLaneByNumber.get(lane);
		const from = of && authority.memberByAccount.get(of.account);
		const certificate = certificateOf(controlEntries, lane);
		if (record.type !== 'greeting' || from === undefined || certificate === null) return [];
		if (from.account === account || from.removed || hlc < earliest || hlc > latestHlc) return [];
		if (clock >= (authority.limitByControlLane.get(lane) ?? 0)) return [];
		return [{ id, certificate, name: from.name, hlc, record }];
	});
}

/**
 * Where first words to a member go: a device of theirs that is sealed to. Null if they are not here, or have none.
 * @param to account id
 */
export function addressOf({ authority, controlEntries }: GreetedGroup, to: string): DeviceCertificate | null {
	if (authority.kind !== 'group' || !isHere(authority, to)) return null;
	for (const [lane, { account, device }] of authority.controlLaneByNumber) {
		if (account !== to || authority.devices.get(device)?.account !== to) continue;
		const certificate = certificateOf(controlEntries, lane);
		if (certificate !== null) return certificate;
	}
	return null;
}

const isHere = (authority: Authority, account: string): boolean =>
	authority.memberByAccount.get(account)?.left === false;

function certificateOf(entries: readonly ControlEntry[], lane: number): LaneRecord | null {
	for (const entry of entries)
		if (entry.lane === lane && entry.clock === 0 && entry.sound && entry.record.type === 'lane')
			return entry.record;
	return null;
}

function withinPace(said: readonly ControlEntry[]): readonly ControlEntry[] {
	const timesByLane = new Map<number, number[]>();
	return [...said]
		.sort((a, b) => a.lane - b.lane || a.clock - b.clock)
		.filter(({ lane, hlc }) => {
			const times = timesByLane.get(lane) ?? [];
			timesByLane.set(lane, times);
			const before = times.at(-greetingsPerLaneAndHour);
			if (before !== undefined && before > hlc - hlcOfMs(hourMs)) return false;
			times.push(hlc);
			return true;
		});
}
