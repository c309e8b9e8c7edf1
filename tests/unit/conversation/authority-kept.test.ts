/**
 * What the fold says of kept histories, to the letter. Everybody folds alone, so a change that nobody decided upon parts
 * those who have it from those who do not: digests are renewed only together with a decision on the rules, or with the
 * model's own script (tests/simulation/authority/steps.ts), which makes other histories of the same seeds.
 */
import { describe, expect, it } from 'vitest';
import {
	countsAt,
	countsUntil,
	deadFrom,
	mayInvite,
	mayPost,
	powerOf,
	type Authority
} from '../../../src/lib/conversation/authority';
import { deleteCounts, deleteMayHaveCounted } from '../../../src/lib/conversation/authority/deletes';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { sha256 } from '../../../src/lib/protocol/crypto';
import { historyOf } from '../../simulation/authority/checks';
import { membershipAuth, type World } from '../../simulation/authority/world';

const plain = (_: string, value: unknown): unknown => {
	if (value instanceof Map || value instanceof Set) return [...value];
	return value === Infinity ? 'never' : value;
};

/** Of lanes and accounts what follows from the fold: how far they count, and what they may do. */
function questions(authority: Authority, world: World): unknown {
	const auths = [
		membershipAuth,
		...authority.roleById.keys(),
		...authority.tenures.flatMap(({ seats }) => seats)
	];
	const ofLanes = world.lanes.map((lane) => {
		const { segment, number, ids } = lane;
		const clocks = [0, 1, ids.length - 1, ids.length];
		return [
			deadFrom(authority, segment, number),
			countsUntil(authority, segment, number, lane),
			clocks.map((clock) => countsAt(authority, segment, number, clock, lane)),
			auths.map((auth) => clocks.map((clock) => powerOf(authority, auth, segment, number, clock, lane)))
		];
	});
	const deletes = world.messages.filter(({ kind }) => kind === 'delete');
	const authors = [...authority.memberByAccount.keys()];
	const ofDeletes = deletes.map(({ lane, clock, auth }) => {
		const said = { lane: lane.number, clock, by: lane, auth };
		return authors.map((author) => [
			deleteCounts(authority, said, author),
			deleteMayHaveCounted(authority, said, author)
		]);
	});
	return [
		ofLanes,
		ofDeletes,
		authors.map((account) => [mayPost(authority, account), mayInvite(authority, account)])
	];
}

function digestOf(seed: number): string {
	const world = historyOf(seed);
	const authority = world.fold();
	// These histories are older than timers, which say nothing of anything else (docs/decisions/0035).
	const { timer, ...before } = authority;
	expect(timer).toEqual({ afterS: 0, standing: [], changes: [] });
	const all = [before, authority.moderationLog(), questions(authority, world)];
	return toBase64url(sha256(new TextEncoder().encode(JSON.stringify(all, plain)))).slice(0, 8);
}

/** Of the seeds 1, 2, … */
const digests = [
	'om9uOf-R VXfTnhQs r-S7Er5G _q4pTfP- p40ZqwMI Y4u_gruC 5eT02tLG 7qrt0Z6f prBhwcNa exO8ibY0',
	'vmkCApTq C6pxorip ii5PcAX3 OkNo9S1F akJurL5S eT1CcoAS uKZ1hZZh pl-vU151 tKXaMvRn wWJrLFE1',
	'pThcD2ni bdMZFc3W wM2wUU5N nItiCBwl kpF52hmc C2zO-8xD 6mKPcxpV kd1lyB0- J3grfgOO EkDXMtOu',
	'4hhroUWO LxH5DR_6 ceY1v-lN AVqkm2SK -__Yxcdy it-HSPNN UehWvvI_ 6K_ItcR7 NsQBQrLO MMbuwnRD',
	'hz9mWHvM eUqbLL8D x0Y5L6m0 c-NBRDG2 O77pW3Du nkEs4mjS 52F7ogV7 BuwY18aT'
]
	.join(' ')
	.split(' ');

describe('the fold of authority says of a kept history what it has always said', () => {
	it.each(digests.map((digest, i) => [i + 1, digest] as const))('seed %i', (seed, digest) => {
		expect(digestOf(seed)).toBe(digest);
	});
});
