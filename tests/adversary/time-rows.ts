/** Times and orders that cannot be. */
import { expect } from 'vitest';
import { clockToleranceMs, HybridClock, hlcOfMs, msOfHlc } from '../../src/lib/protocol/clock';
import { ByteWriter } from '../../src/lib/protocol/bytes';
import { codecs, decodeRecord, depIdLength, encodeRecord, type Dep } from '../../src/lib/protocol/records';
import type { Person } from '../unit/conversation/people';
import { HandLane } from './hand-lane';
import { goOn, honestGroup } from './honest-group';
import type { Row } from './row';

const nowMs = 1_800_000_000_000;
const hour = 60 * 60_000;
const yearMs = 365 * 24 * hour;
const said = (text: string) => ({ type: 'message', text }) as const;

/** What somebody has said last, as others name it. */
async function newestOf({ conversation }: Person): Promise<Dep> {
	const last = (await conversation.heads(1)).find(({ lane }) => conversation.isOwnLane(lane));
	if (last === undefined) throw new Error('nothing was said');
	return { lane: last.lane, clock: last.next - 1, id: last.id.subarray(0, depIdLength) };
}

export const timeRows: readonly Row[] = [
	{
		no: 26,
		input: 'a time before that of the entry before, or 0 in a fresh lane',
		outcome:
			'shown right after what it stands upon: the order on screen is by max(own time, 1 + that of what was before). ' +
			'Nothing is void for it, since clocks of honest devices go back too',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben } = people;
			const { conversation } = founder;
			const lane = await HandLane.begin(ben.crypto, ben.identity, 1);
			await lane.say(said('late'), { hlc: hlcOfMs(nowMs + 5) });
			await lane.say(said('after late'), { hlc: 3 });
			const fresh = await HandLane.begin(ben.crypto, ben.identity, 1, { hlc: 0 });
			await fresh.say(said('after one'), { hlc: 0, deps: [await newestOf(founder)] });
			await conversation.ingest(1, lane.update(), ben);
			await conversation.ingest(1, fresh.update(), ben);
			await conversation.warm();
			const { shown } = founder;
			expect(shown.indexOf('after late')).toBe(shown.indexOf('late') + 1);
			expect(shown.indexOf('after one')).toBeGreaterThan(shown.indexOf('one'));
			await goOn(people);
		}
	},
	{
		no: 26,
		input: 'times nine minutes and a year ahead',
		outcome:
			'nine minutes: shown. A year: held back from the screen until due; nobody’s own clock follows, nobody builds on it',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben } = people;
			const lane = await HandLane.begin(ben.crypto, ben.identity, 1);
			const dueMs = nowMs + clockToleranceMs;
			await lane.say(said('soon'), { hlc: hlcOfMs(nowMs + 9 * 60_000) });
			await lane.say(said('next year'), { hlc: hlcOfMs(nowMs + yearMs) });
			await founder.conversation.ingest(1, lane.update(), ben);
			await founder.conversation.warm();
			expect(msOfHlc(founder.timeOf('soon'))).toBeLessThanOrEqual(dueMs);
			expect(msOfHlc(founder.timeOf('next year'))).toBeGreaterThan(dueMs);
			await founder.say('now');
			expect(msOfHlc(founder.timeOf('now'))).toBeLessThan(dueMs);
			expect(founder.shown.at(-1)).toBe('next year');
			expect(founder.shown.at(-2)).toBe('now');
		}
	},
	{
		no: 26,
		input: 'a time of 2^63, or of 2^53',
		outcome: 'no record (varint): not shown',
		run: () => {
			const record = (hlc: readonly number[]): Uint8Array =>
				new ByteWriter().u8(codecs.message.number).raw(Uint8Array.from(hlc)).u8(0).u8(0).text('x').done();
			const most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
			expect(decodeRecord(record(most), 'message').ok).toBe(true);
			for (const hlc of [
				[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
				[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]
			])
				expect(decodeRecord(record(hlc), 'message')).toEqual({ ok: false, reason: 'varint' });
		}
	},
	{
		no: 27,
		input: 'deps on entries that do not exist, on itself, on what comes later in its own lane',
		outcome: 'shown at its own time, as if it had none; a cycle cannot be made, since a dep names a hash',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben } = people;
			const lane = await HandLane.begin(ben.crypto, ben.identity, 1);
			const unknown = { lane: 12_345, clock: 7, id: new Uint8Array(depIdLength).fill(1) };
			await lane.say(said('on nothing'), { hlc: hlcOfMs(nowMs), deps: [unknown] });
			const own = { lane: lane.lane, clock: 2, id: new Uint8Array(depIdLength) };
			await lane.say(said('on itself'), { hlc: hlcOfMs(nowMs) + 1, deps: [own, { ...own, clock: 3 }] });
			await lane.say(said('after'), { hlc: hlcOfMs(nowMs) + 2 });
			await founder.conversation.ingest(1, lane.update(), ben);
			await founder.conversation.warm();
			expect(founder.shown).toEqual(expect.arrayContaining(['on nothing', 'on itself', 'after']));
			await goOn(people);
		}
	},
	{
		no: 27,
		input: 'five deps',
		outcome: 'no record (length)',
		run: () => {
			const dep = { lane: 1, clock: 1, id: new Uint8Array(depIdLength) };
			const bytes = encodeRecord({ hlc: 1, deps: Array(5).fill(dep), record: said('x') });
			expect(decodeRecord(bytes, 'message')).toEqual({ ok: false, reason: 'length' });
		}
	},
	{
		no: 27,
		input: 'deps on entries that are missing here: one that comes later, one that never was, the same twice',
		outcome:
			'shown at once, without a word in the timeline; how many its author names and are not here is told on request, ' +
			'until they come',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			await cleo.hear(ben);
			await cleo.say('three');
			const late = await newestOf(cleo);
			const never = { lane: 12_345, clock: 2 ** 31, id: new Uint8Array(depIdLength) };
			const by = await HandLane.begin(ben.crypto, ben.identity, 1);
			await by.say(said('on three'), { hlc: hlcOfMs(nowMs), deps: [late, late, never, never] });
			await founder.conversation.ingest(1, by.update(), ben);
			await founder.conversation.warm();
			expect(founder.shown).toContain('on three');
			const missing = (): Promise<number> => founder.conversation.missingBelow(founder.shownAs('on three'));
			expect(await missing()).toBe(2);
			await founder.hear(cleo);
			expect(founder.shown.slice(-2)).toEqual(['three', 'on three']);
			expect(await missing()).toBe(1);
			await goOn(people);
		}
	},
	{
		no: 41,
		input: "the device's own clock goes back a year, ahead a year, back an hour",
		outcome: 'sending works; own messages stay in the order in which they were said',
		run: () => {
			let wallMs = nowMs;
			const clock = new HybridClock(() => wallMs);
			const times: number[] = [];
			for (const changeMs of [0, -yearMs, 2 * yearMs, -hour, -yearMs, 1]) {
				wallMs += changeMs;
				times.push(clock.tick());
			}
			expect(times).toEqual([...times].sort((a, b) => a - b));
			expect(new Set(times).size).toBe(times.length);
		}
	},
	{
		no: 41,
		input: 'a device whose clock is wrong',
		outcome:
			'its person is told once two others, or another and the relay, find it more than five minutes off; one liar is ' +
			'not enough',
		browser: [
			{
				spec: 'tests/e2e/wrong-clock.spec.ts',
				title: 'whose clock is an hour off is told, and nobody else'
			}
		]
	}
];
