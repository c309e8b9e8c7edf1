/** Seeds that have failed once, with what they found. A history changes with the simulator: the finding stays. */
import { describe, expect, it } from 'vitest';
import { simulate } from './simulation';

const findings: readonly (readonly [number, string])[] = [
	[5, 'a segment was taken for shown although the read model had lost it with the power'],
	[11, 'messages whose grant a crash had lost were taken for shown'],
	[18, 'messages of lanes without a known grant moved the cursor of the read model'],
	[125, 'an acknowledgement outlived the unsettled entry that it was for, and released another in its place'],
	[500, 'what came back into a lane that was known to be forked was not said again'],
	[668, 'a spoilt signature in the middle of another branch kept its author from saying it again'],
	[1012, 'a segment was let go while it was not known whose its messages were'],
	[1096, 'the read model showed what a crash had taken from the document, and nobody else had']
];

/** Of histories with several epochs. */
const findingsOfEpochs: readonly (readonly [number, string])[] = [
	[143, 'a lane began under an epoch that was said again further on in it, and opened for nobody']
];

/** Of histories in which messages are deleted. */
const findingsOfDeletes: readonly (readonly [number, string])[] = [
	[
		3,
		'power went between a delete and what it took away: nothing explained the hole, and the lane ended there'
	],
	[835, 'somebody else’s delete was lost with the power, and what it had taken away was not'],
	[1536, 'a copied profile wrote something else where an entry was deleted, and nobody could prove the fork']
];

describe('seeds that have failed', () => {
	it.each(findings)(
		'%i: %s',
		async (seed) => {
			expect((await simulate(seed, null, null, false, false)).problems).toEqual([]);
		},
		60_000
	);

	it.each(findingsOfEpochs)(
		'%i, with several epochs: %s',
		async (seed) => {
			expect((await simulate(seed, null, null, true, false)).problems).toEqual([]);
		},
		60_000
	);

	it.each(findingsOfDeletes)(
		'%i, with deletes: %s',
		async (seed) => {
			expect((await simulate(seed)).problems).toEqual([]);
		},
		60_000
	);
});
