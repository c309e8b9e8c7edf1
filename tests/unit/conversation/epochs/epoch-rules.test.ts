import { describe, expect, it } from 'vitest';
import {
	dutiesOf,
	epochToAskUnder,
	epochToWriteUnder,
	refreshAfterMs,
	turnOf,
	type Holdings
} from '../../../../src/lib/conversation/epochs/epoch-duties';
import type {
	DeviceFact,
	EpochFacts,
	EpochStatement
} from '../../../../src/lib/conversation/epochs/epoch-facts';
import { EpochGraph } from '../../../../src/lib/conversation/epochs/epoch-graph';
import { epochsInPace, epochsPerLaneAndHour } from '../../../../src/lib/conversation/epochs/epoch-pace';
import { segmentsAheadOfParents } from '../../../../src/lib/conversation/epochs/epoch-places';
import { epochsInUse } from '../../../../src/lib/conversation/epochs/epochs-in-use';
import { planEpoch } from '../../../../src/lib/conversation/epochs/epoch-plan';
import { fromBase64url, toBase64url } from '../../../../src/lib/protocol/base64url';
import { hlcOfMs } from '../../../../src/lib/protocol/clock';
import { epochIdOf } from '../../../../src/lib/protocol/epoch';
import type { NewcomerTerms, SealedKind } from '../../../../src/lib/protocol/epoch-records';
import { recipientOf } from '../../../../src/lib/protocol/seal';

const key = (n: number): Uint8Array => new Uint8Array(32).fill(n).with(31, 1);
const nameOf = (n: number): string => toBase64url(recipientOf(key(n)));
const commitment = (n: number): Uint8Array => new Uint8Array(32).fill(100 + n);
const idOf = (n: number): string => toBase64url(epochIdOf(commitment(n)));
const bytesOf = (name: string): Uint8Array => {
	const bytes = fromBase64url(name);
	if (!bytes.ok) throw new Error(name);
	return bytes.value;
};
const sealFor = (n: number) => ({
	recipient: recipientOf(key(n)),
	encapsulated: new Uint8Array(32),
	ciphertext: new Uint8Array(48)
});
const device = (n: number, more: Partial<DeviceFact> = {}): [string, DeviceFact] => [
	nameOf(n),
	{ account: `account${n}`, agreement: key(n), via: null, isMember: true, ...more }
];
const epoch = (
	n: number,
	parents: readonly number[],
	sealedTo: readonly number[],
	more: Partial<EpochStatement> = {},
	newcomers: NewcomerTerms = 'secret'
): EpochStatement => ({
	id: idOf(n),
	entryId: `entry${n}`,
	lane: 1,
	clock: n,
	hlc: n,
	counts: true,
	part: {
		newcomers,
		parents: parents.map((parent) => bytesOf(idOf(parent))),
		commitment: commitment(n),
		seals: sealedTo.map(sealFor)
	},
	...more
});
const facts = (more: Partial<EpochFacts>): EpochFacts => ({
	genesis: { commitment: commitment(0), hlc: 0, holder: nameOf(1) },
	epochs: [],
	seals: [],
	pasts: [],
	unopened: [],
	devices: new Map([device(1), device(2)]),
	invites: new Map(),
	newcomers: 'secret',
	...more
});
const holder = (n: number, held: readonly number[], named: readonly number[] = []): Holdings => {
	const ids = new Set(held.map(idOf));
	return { recipient: nameOf(n), holds: (id) => ids.has(id), named: new Set(named.map(idOf)) };
};
const invite = (n: number, under: number, isOpen = true, kind: SealedKind = 'secret') =>
	[nameOf(n), { agreement: key(n), under: idOf(under), kind, isOpen, expiresAtMs: Infinity }] as const;

describe('the epoch to write under', () => {
	it('is the clean one of greatest height, then of lowest id', () => {
		const graph = new EpochGraph(facts({ epochs: [epoch(1, [0], [1, 2]), epoch(2, [0], [1, 2])] }));
		expect(epochToWriteUnder(graph, holder(1, [0, 1, 2]))?.id).toBe([idOf(1), idOf(2)].sort()[0]);
		const merged = new EpochGraph(
			facts({ epochs: [epoch(1, [0], [1, 2]), epoch(2, [0], [1, 2]), epoch(3, [1, 2], [1, 2])] })
		);
		expect(epochToWriteUnder(merged, holder(1, [0, 1, 2, 3]))?.id).toBe(idOf(3));
	});

	it('is none that somebody holds who is gone, nor one below', () => {
		const devices = new Map([device(1), device(2), device(3, { isMember: false })]);
		const graph = new EpochGraph(facts({ devices, epochs: [epoch(1, [0], [1, 2, 3])] }));
		expect([idOf(0), idOf(1)].map((id) => graph.isClean(id))).toEqual([false, false]);
		expect(dutiesOf(graph, holder(1, [0, 1]), 0)).toContainEqual({ kind: 'begin', why: 'none-clean' });
		const after = new EpochGraph(
			facts({ devices, epochs: [epoch(1, [0], [1, 2, 3]), epoch(2, [1], [1, 2])] })
		);
		expect(epochToWriteUnder(after, holder(1, [0, 1, 2]))?.id).toBe(idOf(2));
	});

	it('is none of two removals that raced, each sealed to whom the other removed: one begins from both', () => {
		const devices = new Map([
			device(1),
			device(2),
			device(3, { isMember: false }),
			device(4, { isMember: false })
		]);
		const racing = [epoch(1, [0], [1, 2, 4]), epoch(2, [0], [1, 2, 3])];
		const graph = new EpochGraph(facts({ devices, epochs: racing }));
		expect(epochToWriteUnder(graph, holder(1, [0, 1, 2]))).toBeNull();
		const plan = planEpoch(graph, (id) => holder(1, [0, 1, 2]).holds(id, 'control'), 0, 1);
		expect([...(plan?.parents ?? [])].sort()).toEqual([idOf(1), idOf(2)].sort());
		expect(plan?.seals.map(({ agreement }) => toBase64url(recipientOf(agreement))).sort()).toEqual(
			[nameOf(1), nameOf(2)].sort()
		);
	});

	it('is none that does not count, however high, and such a one is nobody’s first parent', () => {
		const epochs = [
			epoch(1, [0], [1, 2]),
			epoch(2, [0], [1], { counts: false }),
			epoch(3, [2], [1], { counts: false })
		];
		const graph = new EpochGraph(facts({ epochs }));
		expect(epochToWriteUnder(graph, holder(1, [0, 1, 2, 3]))?.id).toBe(idOf(1));
		expect(graph.frontier(() => true)[0]?.id).toBe(idOf(1));
	});

	it('is not one whose parent nobody knows, and that hides nothing', () => {
		const graph = new EpochGraph(facts({ epochs: [epoch(1, [0], [1, 2]), epoch(3, [1, 2], [1, 2])] }));
		expect(epochToWriteUnder(graph, holder(1, [0, 1, 3]))?.id).toBe(idOf(1));
		expect(graph.frontier(() => true).map(({ id }) => id)).toEqual([idOf(1)]);
	});

	it('is old after thirty days', () => {
		const graph = new EpochGraph(facts({ epochs: [epoch(1, [0], [1, 2], { hlc: hlcOfMs(1_000) })] }));
		const kinds = (nowMs: number) => dutiesOf(graph, holder(1, [0, 1]), nowMs).map(({ kind }) => kind);
		expect(kinds(1_000 + refreshAfterMs)).not.toContain('begin');
		expect(kinds(1_001 + refreshAfterMs)).toContain('begin');
	});
});

describe('invitations', () => {
	it('are sealed to while they are open and nobody is gone who could have their link', () => {
		const invites = new Map([invite(7, 0), invite(8, 0, false)]);
		const open = new EpochGraph(facts({ invites }));
		expect([nameOf(7), nameOf(8)].map((name) => open.isInviteOpen(name))).toEqual([false, false]);
		const alone = new EpochGraph(facts({ invites: new Map([invite(7, 0)]) }));
		expect(alone.isInviteOpen(nameOf(7))).toBe(true);
		const devices = new Map([device(1), device(3, { isMember: false, via: nameOf(7) })]);
		expect(new EpochGraph(facts({ devices, invites: new Map([invite(7, 0)]) })).isInviteOpen(nameOf(7))).toBe(
			false
		);
	});

	it('give a newcomer the control secret alone where the past is closed, and then a new epoch is due', () => {
		const devices = new Map([device(1), device(2, { via: nameOf(7) })]);
		const invites = new Map([invite(7, 1)]);
		const epochs = [epoch(1, [0], [1], {}, 'control')];
		const graph = new EpochGraph(facts({ devices, invites, epochs, newcomers: 'control' }));
		expect(graph.rightTo(idOf(1), nameOf(2))).toBe('control');
		expect(graph.isClean(idOf(1))).toBe(false);
	});

	it('closed, opened and closed again, a past is closed by a new epoch: the old one does not open those rules', () => {
		const both = [1, 2];
		const before = [epoch(1, [0], both, {}, 'control'), epoch(2, [1], both, {}, 'control')];
		const opened = [...before, epoch(3, [2], both)];
		const current = (epochs: readonly EpochStatement[], newcomers: NewcomerTerms): string | undefined =>
			epochToWriteUnder(new EpochGraph(facts({ epochs, newcomers })), holder(1, [0, 1, 2, 3, 4]))?.id;
		expect(current(before, 'control')).toBe(idOf(2));
		expect(current(opened, 'secret')).toBe(idOf(3));
		expect(current(opened, 'control')).toBeUndefined();
		expect(current([...opened, epoch(4, [3], both, {}, 'control')], 'control')).toBe(idOf(4));
		// What does not count changes nothing.
		expect(current([...before, epoch(3, [2], both, { counts: false })], 'control')).toBe(idOf(2));
	});
});

describe('what cannot be opened', () => {
	const sealed = facts({ epochs: [epoch(1, [0], [1, 2])] });
	const said = (times: number) =>
		Array.from({ length: times }, () => ({ recipient: nameOf(2), epoch: idOf(1), counts: true }));

	it('is said once for each source, under the earliest epoch that is held', () => {
		const holdings = holder(2, [0], [1]);
		expect(dutiesOf(new EpochGraph(sealed), holdings, 0)).toContainEqual({
			kind: 'say-unopened',
			epochs: [idOf(1)]
		});
		expect(epochToAskUnder(new EpochGraph(sealed), holder(2, [0, 1]))).toBe(idOf(0));
		const after = new EpochGraph({ ...sealed, unopened: said(1) });
		expect(dutiesOf(after, holdings, 0).map(({ kind }) => kind)).not.toContain('say-unopened');
	});

	it('is sealed again by whoever holds it, and after garbage once more', () => {
		const graph = new EpochGraph({ ...sealed, unopened: said(1) });
		const seal = { kind: 'seal', epoch: idOf(1), sealed: 'secret', to: [nameOf(2)] };
		expect(dutiesOf(graph, holder(1, [0, 1]), 0)).toContainEqual(seal);
		const seals = [
			{
				counts: true,
				record: { type: 'seal', epoch: bytesOf(idOf(1)), kind: 'secret', seals: [sealFor(2)] } as const
			}
		];
		const answered = new EpochGraph({ ...sealed, unopened: said(1), seals });
		expect(dutiesOf(answered, holder(1, [0, 1]), 0)).not.toContainEqual(seal);
		expect(dutiesOf(answered, holder(2, [0]), 0)).toContainEqual({ kind: 'say-unopened', epochs: [idOf(1)] });
		expect(
			dutiesOf(new EpochGraph({ ...sealed, unopened: said(2), seals }), holder(1, [0, 1]), 0)
		).toContainEqual(seal);
	});

	it('is said, too, by who does not count as a member by what they can read, and by nobody for others', () => {
		const devices = new Map([device(1), device(2, { isMember: false })]);
		const graph = new EpochGraph({ ...sealed, devices });
		expect(dutiesOf(graph, holder(2, [0], [1]), 0)).toEqual([{ kind: 'say-unopened', epochs: [idOf(1)] }]);
	});
});

it('takes turns: no two members have the same rank for one duty, and saying of oneself waits for nobody', () => {
	const devices = new Map([device(1), device(2), device(3), device(4)]);
	const graph = new EpochGraph(facts({ devices }));
	const turns = [1, 2, 3, 4].map((n) => turnOf(graph, holder(n, []), { kind: 'begin', why: 'old' }));
	expect([...turns].sort((a, b) => a - b)).toEqual([0, 2_000, 4_000, 6_000]);
	expect(turnOf(graph, holder(3, []), { kind: 'say-unopened', epochs: [] })).toBe(0);
});

it('keeps the pace: so many epochs for a lane and hour, none from the future, none older than its parent', () => {
	const many = Array.from({ length: epochsPerLaneAndHour + 5 }, (_, i) =>
		epoch(i, [], [], { clock: i, hlc: hlcOfMs(i) })
	);
	expect(epochsInPace(many, Infinity)).toHaveLength(epochsPerLaneAndHour);
	expect(epochsInPace([epoch(1, [], [], { hlc: 9 })], 8)).toEqual([]);
	const parent = epoch(1, [], [], { hlc: 9 });
	expect(epochsInPace([parent, epoch(2, [1], [], { hlc: 8, lane: 2 })], 10)).toEqual([parent]);
});

describe('an epoch that does not count', () => {
	const uncounted = (n: number, parents: readonly number[]): EpochStatement =>
		epoch(n, parents, [1], { counts: false });

	it('is known while something under it counts, or an epoch that does descends from it, however far', () => {
		const statements = [uncounted(1, [0]), uncounted(2, [1]), epoch(3, [2], [1, 2]), uncounted(4, [3])];
		const idsWith = (...named: readonly number[]): readonly string[] =>
			epochsInUse(statements, new Set(named.map(idOf))).map(({ id }) => id);
		expect(idsWith()).toEqual([1, 2, 3].map(idOf));
		expect(idsWith(4)).toEqual([1, 2, 3, 4].map(idOf));
	});

	it('is not known for what its own author goes on with', () => {
		expect(epochsInUse([uncounted(1, [0]), uncounted(2, [1])], new Set())).toEqual([]);
	});
});

describe('where nothing older is passed on', () => {
	const begins = (
		n: number,
		parents: readonly number[],
		sealedTo: readonly number[],
		firstSegment: number
	) => {
		const { part, ...statement } = epoch(n, parents, sealedTo, {}, 'none');
		return { ...statement, part: { ...part, firstSegment } };
	};
	const people = new Map([device(1), device(2), device(3)]);
	const withheld = (epochs: readonly EpochStatement[], more: Partial<EpochFacts> = {}): EpochGraph =>
		new EpochGraph(facts({ devices: people, newcomers: 'none', epochs, ...more }));
	const shown = (graph: EpochGraph, n: number, ...segments: readonly number[]): boolean[] =>
		segments.map((segment) => graph.isShown(segment, `account${n}`));
	/** 1 founded it, 2 came then, and 3 later: the second epoch is for all. */
	const joined = [begins(1, [0], [1, 2], 4), begins(2, [1], [1, 2, 3], 6)];

	it('a segment is for whoever may open one of the epochs that begin last up to there', () => {
		const graph = withheld(joined);
		expect(shown(graph, 1, 1, 3, 4, 5, 6, 60_000)).not.toContain(false);
		expect(shown(graph, 2, 4, 5, 6, 60_000)).not.toContain(false);
		expect(shown(graph, 3, 1, 3, 4, 5, 6, 60_000)).toEqual([false, false, false, false, true, true]);
	});

	it('none is for somebody who is no member, and each for everybody under other rules', () => {
		const gone = new Map([...people, device(3, { isMember: false })]);
		expect(shown(withheld(joined, { devices: gone }), 3, 1, 6)).toEqual([false, false]);
		expect(shown(withheld(joined), 4, 1, 6)).toEqual([false, false]);
		for (const newcomers of ['secret', 'approved', 'control'] as const)
			expect(shown(withheld(joined, { newcomers }), 3, 1, 6)).toEqual([true, true]);
	});

	it('what does not count, or has no place, moves nothing', () => {
		const others = [{ ...begins(3, [2], [1, 2, 3], 9), counts: false }, begins(4, [8], [1, 2, 3], 9)];
		expect(shown(withheld([...joined, ...others]), 3, 5, 6, 9)).toEqual([false, true, true]);
	});

	it('an epoch begins no earlier than its parents, and not far beyond them', () => {
		const graph = withheld([begins(1, [0], [1], 7), begins(2, [1], [1], 3), begins(3, [2], [1], 65_535)]);
		expect([1, 2, 3].map((n) => graph.byId.get(idOf(n))?.firstSegment)).toEqual([
			7,
			7,
			7 + segmentsAheadOfParents
		]);
	});

	it('a new one begins beyond all that is known for somebody new, else in the newest segment', () => {
		const planned = (graph: EpochGraph, unusedSegment: number): number | undefined =>
			planEpoch(graph, (id) => holder(1, [0, 1, 2]).holds(id, 'control'), 0, unusedSegment)?.firstSegment;
		const before = withheld([begins(1, [0], [1, 2], 4)]);
		expect([1, 5, 9].map((unused) => planned(before, unused))).toEqual([5, 5, 9]);
		const after = withheld(joined);
		expect([1, 7, 9].map((unused) => planned(after, unused))).toEqual([6, 6, 8]);
		expect(planned(withheld(joined, { newcomers: 'control' }), 9)).toBeUndefined();
	});
});
