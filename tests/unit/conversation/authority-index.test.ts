/** How the fold looks things up: the set of entries in one order, whatever the order in which they came. */
import { describe, expect, it } from 'vitest';
import type { ControlEntry, Statement } from '../../../src/lib/conversation/authority';
import { ControlIndex } from '../../../src/lib/conversation/authority/control-index';
import type { UnknownRecord } from '../../../src/lib/protocol/records';

type At = readonly [lane: number, clock: number, says: Statement];

const entryOf = ([lane, clock, says]: At): ControlEntry => ({
	id: `e${lane}/${clock}`,
	lane,
	clock,
	hlc: 0,
	record: says as unknown as UnknownRecord,
	sound: true
});
const indexOf = (rows: readonly At[], alter = (entries: ControlEntry[]) => entries): ControlIndex =>
	new ControlIndex('c', alter(rows.map(entryOf)), { of: (record) => record as unknown as Statement });
const other: Statement = { type: 'other' };
const certificate = (grant: string): Statement => ({
	type: 'lane',
	grant,
	account: 'a',
	device: 'd',
	deviceNumber: 1,
	agreement: new Uint8Array(1)
});
const fork = (segment: number, lane: number, clock: number): Statement => ({
	type: 'fork',
	segment,
	lane,
	clock
});

describe('control entries', () => {
	it('stand in the order of lanes and clocks, without those that are not sound', () => {
		const rows: readonly At[] = [
			[1, 0, other],
			[1, 1, other],
			[2, 0, other],
			[10, 0, other]
		];
		const shuffled = indexOf(rows, ([a, b, c, d]) => [
			d!,
			b!,
			{ ...entryOf([1, 2, other]), sound: false },
			c!,
			a!
		]);
		expect(shuffled.all.map(({ id }) => id)).toEqual(rows.map((row) => entryOf(row).id));
		expect(shuffled.inLane(1).map(({ clock }) => clock)).toEqual([0, 1]);
		expect([shuffled.byId('e2/0')?.lane, shuffled.byId('e1/2')]).toEqual([2, undefined]);
		expect([shuffled.inLane(7), shuffled.ofType('leave')]).toEqual([[], []]);
	});

	it('are founded by the genesis whose hash is the id, in the lane that it names', () => {
		const genesis = (founds: boolean, lane: number): Statement => ({
			type: 'genesis',
			account: 'a',
			lane,
			founds
		});
		const index = indexOf([
			[1, 1, genesis(false, 1)],
			[2, 1, genesis(true, 3)],
			[3, 1, genesis(true, 3)]
		]);
		expect(index.genesis?.id).toBe('e3/1');
		expect([...index.accountByClaimedGrant]).toEqual([['c', 'a']]);
		expect(indexOf([[2, 1, genesis(true, 3)]]).genesis).toBe(null);
	});

	it('are of two by what founds them, in whatever lane, with the grants of both', () => {
		const direct = (founds: boolean, account: string): Statement => ({
			type: 'direct',
			founds,
			accountByGrant: new Map([['g', account]])
		});
		const index = indexOf([
			[1, 1, direct(false, 'x')],
			[2, 7, direct(true, 'y')]
		]);
		expect([index.direct?.id, ...index.accountByClaimedGrant]).toEqual(['e2/7', ['g', 'y']]);
		const none = indexOf([[1, 1, direct(false, 'x')]]);
		expect([none.direct, none.accountByClaimedGrant.size, none.genesis]).toEqual([null, 0, null]);
	});

	it('certify a lane at its beginning alone', () => {
		const index = indexOf([
			[1, 0, certificate('first')],
			[1, 1, certificate('later')],
			[2, 0, other],
			[2, 1, certificate('too late')]
		]);
		expect([...index.certificateByLane].map(([lane, { grant }]) => [lane, grant])).toEqual([[1, 'first']]);
	});

	it('fix the account of each grant that they claim; an approval claims none', () => {
		const add = (way: 'direct' | 'personal' | 'approval', account: string, grant: string): Statement => ({
			type: 'add',
			auth: '',
			account,
			way,
			subject: '',
			grant
		});
		const index = indexOf([
			[1, 1, add('direct', 'a1', '')],
			[1, 2, add('personal', 'a2', 'g2')],
			[1, 3, add('approval', 'a3', 'g3')],
			[1, 4, { type: 'join', key: 'k', account: 'a4', grant: 'g4' }]
		]);
		expect([...index.accountByClaimedGrant]).toEqual([
			['e1/1', 'a1'],
			['g2', 'a2'],
			['g4', 'a4']
		]);
	});

	it('tell of the first fork of each lane of each segment', () => {
		const index = indexOf([
			[1, 1, fork(0, 5, 7)],
			[1, 2, fork(0, 5, 3)],
			[1, 3, fork(0, 5, 4)],
			[1, 4, fork(1, 6, 2)]
		]);
		expect([...index.forkClockByLane]).toEqual([
			['0/5', 3],
			['1/6', 2]
		]);
		expect([5, 6, 1].map((lane) => index.forkLimitOf(lane))).toEqual([3, Infinity, Infinity]);
	});

	it.each([
		['the entry', 2, 'e5/2', 3],
		['the beginning of its id', 2, 'e5', 3],
		['the end of its id', 2, '/2', 0],
		['another entry of the lane', 2, 'e5/0', 0],
		['a clock at which there is none', 1, 'e5/', 0],
		['an entry after a gap', 4, 'e5/4', 5],
		['a clock beyond all', 9, 'e5/9', 0]
	])('hold a cap that names %s: up to clock %i, %s', (_, clock, idPrefix, limit) => {
		const index = indexOf([
			[5, 0, other],
			[5, 2, other],
			[5, 4, other]
		]);
		expect(index.capsOf([{ segment: 0, lane: 5, clock, idPrefix }]).limitOf(5)).toBe(limit);
	});
});
