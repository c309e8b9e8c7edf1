/** Random histories on which a set of rules failed, kept with a word on what it was. */
import { describe, expect, it } from 'vitest';
import { checkSeed } from '../../simulation/authority/checks';

const failed: readonly (readonly [seed: number, what: string])[] = [
	[
		1444,
		'a personal invitation made as a member was used as the owner: it fell with the member’s lost device'
	],
	[1462, 'a former owner had closed, as a member, a link opened as the owner, and opened it again by a fork'],
	[4996, 'a former owner removed a device, and with it members let in as the owner'],
	[9793, 'a former moderator removed a device, and with it a name given to the group'],
	[204139, 'a former moderator removed a device, and a message deleted with it came back'],
	[205302, 'the same of a former owner'],
	[207783, 'the same from a lane of another device'],
	[255406, 'the same, and a fork']
];

const failedWithWholeMenu: typeof failed = [
	[
		31522,
		'a moderator let in somebody who had added a removed moderator: theirs to do, and a fault of the check alone'
	]
];

describe('the fold of authority keeps its rules where it once did not', () => {
	it.each(failed)('seed %i: %s', (seed) => {
		expect(checkSeed(seed, undefined, 'first').failures.map(({ violation }) => violation)).toEqual([]);
	});

	it.each(failedWithWholeMenu)('seed %i: %s', (seed) => {
		expect(checkSeed(seed).failures.map(({ violation }) => violation)).toEqual([]);
	});
});
