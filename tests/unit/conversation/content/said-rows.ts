/** Rows as a fold tells them, made by hand or at random. */
import fc from 'fast-check';
import type { ActContent, ProjectedAct, ProjectedMessage } from '../../../../src/lib/conversation/ports';

export const accounts = ['anna', 'ben', 'cleo'];
const emojis = ['👍', '❤️', '🎉'];

export const message = (id: string, more: Partial<ProjectedMessage> = {}): ProjectedMessage => ({
	segment: 1,
	lane: 7,
	clock: 1,
	id,
	account: 'anna',
	hlc: 1,
	time: 1,
	text: id,
	reply: null,
	thread: null,
	mentions: [],
	mentionsEveryone: false,
	forwarded: false,
	poll: null,
	expiresAfterS: null,
	origin: null,
	...more
});

export const act = (
	id: string,
	target: string,
	content: ActContent,
	more: { readonly account?: string; readonly time?: number } = {}
): ProjectedAct => ({
	segment: 1,
	lane: 8,
	clock: 1,
	id,
	account: more.account ?? 'anna',
	hlc: more.time ?? 1,
	time: more.time ?? 1,
	target,
	...content
});

const content: fc.Arbitrary<ActContent> = fc.oneof(
	fc.record({
		kind: fc.constant('edit' as const),
		text: fc.string({ maxLength: 3 }),
		mentions: fc.constant([])
	}),
	fc.record({ kind: fc.constant('reaction' as const), emoji: fc.constantFrom(...emojis), on: fc.boolean() }),
	fc.record({ kind: fc.constant('pin' as const), on: fc.boolean() }),
	fc.record({ kind: fc.constant('vote' as const), choices: fc.subarray([0, 1, 2, 3]) })
);

/** Acts about messages m0 to m3, and about what nobody knows, with ids that differ and times that often do not. */
export const acts: fc.Arbitrary<ProjectedAct[]> = fc
	.array(
		fc.record({
			target: fc.constantFrom('m0', 'm1', 'm2', 'm3', 'nothing'),
			account: fc.constantFrom(...accounts),
			time: fc.nat(6),
			content
		}),
		{ maxLength: 30 }
	)
	.map((said) =>
		said.map(({ target, account, time, content: what }, i) => act(`a${i}`, target, what, { account, time }))
	);

/** m0 by Anna, m1 by Ben with a poll of one choice, m2 by Cleo with one of several, m3 by Anna. */
export const messages: readonly ProjectedMessage[] = [
	message('m0'),
	message('m1', { account: 'ben', time: 2, poll: { options: ['a', 'b', 'c'], several: false } }),
	message('m2', { account: 'cleo', time: 2, poll: { options: ['a', 'b', 'c'], several: true } }),
	message('m3', { time: 3 })
];
