import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	editsKept,
	reactionsPerAccountLimit,
	shownMessage,
	shownMessages
} from '../../../../src/lib/conversation/content/shown-message';
import { Deletions, lateWords } from '../../../../src/lib/conversation/content/deletions';
import { namesByMessage } from '../../../../src/lib/conversation/content/said-again';
import type { ProjectedAct } from '../../../../src/lib/conversation/ports';
import { accounts, act, acts, message, messages } from './said-rows';

const reaction = (emoji: string, on = true) => ({ kind: 'reaction', emoji, on }) as const;
const edit = (text: string) => ({ kind: 'edit', text, mentions: [] }) as const;
const vote = (...choices: number[]) => ({ kind: 'vote', choices }) as const;
const later = (a: ProjectedAct, b: ProjectedAct): boolean =>
	a.time > b.time || (a.time === b.time && a.id > b.id);
const isLast = (one: ProjectedAct, others: readonly ProjectedAct[]): boolean =>
	others.every((other) => other === one || later(one, other));

describe('what is shown of messages', () => {
	it('follows from the set of acts, whatever their order and however often they come', () => {
		fc.assert(
			fc.property(
				acts.chain((said) =>
					fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length }))
				),
				([said, shuffled]) => {
					expect(shownMessages([...messages].reverse(), shuffled)).toEqual(shownMessages(messages, said));
				}
			)
		);
	});

	it('shows the last wording of the author alone', () => {
		fc.assert(
			fc.property(acts, (said) => {
				for (const shown of shownMessages(messages, said)) {
					const { account, text } = messages.find(({ id }) => id === shown.id) ?? message('');
					const edits = said.filter(
						(each) => each.kind === 'edit' && each.target === shown.id && each.account === account
					);
					const last = edits.find((each) => isLast(each, edits));
					expect(shown.versions).toHaveLength(1 + edits.length);
					expect(shown.versions.at(-1)?.text).toBe(last?.kind === 'edit' ? last.text : text);
				}
			})
		);
	});

	it('shows of each account what it last said with each emoji', () => {
		fc.assert(
			fc.property(acts, (said) => {
				for (const { id, reactions } of shownMessages(messages, said)) {
					for (const account of accounts) {
						for (const emoji of new Set(
							said.flatMap((each) => (each.kind === 'reaction' ? each.emoji : []))
						)) {
							const mine = said.filter(
								(each) =>
									each.kind === 'reaction' &&
									each.emoji === emoji &&
									each.account === account &&
									each.target === id
							);
							const last = mine.find((each) => isLast(each, mine));
							const isOn = last?.kind === 'reaction' && last.on;
							const shown = reactions.find((each) => each.emoji === emoji)?.accounts ?? [];
							expect(shown.filter((each) => each === account)).toHaveLength(isOn ? 1 : 0);
						}
					}
				}
			})
		);
	});

	it('counts nobody twice for an option, and for several only where several may be chosen', () => {
		fc.assert(
			fc.property(acts, (said) => {
				const [plain, one, several] = shownMessages(messages, said);
				expect(plain?.votes).toEqual([]);
				for (const account of accounts) {
					expect(one?.votes.flat().filter((each) => each === account).length).toBeLessThanOrEqual(1);
					for (const option of several?.votes ?? [])
						expect(option.filter((each) => each === account).length).toBeLessThanOrEqual(1);
				}
			})
		);
	});

	it('keeps the oldest reactions of an account, in the order in which they were given', () => {
		const said = Array.from({ length: 25 }, (_, i) =>
			act(`a${i}`, 'm0', reaction(`e${i}`), { account: 'ben', time: 25 - i })
		);
		const { reactions } = shownMessage(message('m0'), said);
		expect(reactions.map(({ emoji }) => emoji)).toEqual(
			Array.from({ length: reactionsPerAccountLimit }, (_, i) => `e${24 - i}`)
		);
		const taken = [...said, act('z', 'm0', reaction('e24', false), { account: 'ben', time: 99 })];
		expect(shownMessage(message('m0'), taken).reactions.at(-1)?.emoji).toBe('e4');
	});

	it('keeps so many wordings, the newest ones', () => {
		const said = Array.from({ length: 70 }, (_, i) => act(`a${i}`, 'm0', edit(`${i}`), { time: 2 + i }));
		const { versions } = shownMessage(message('m0'), said);
		expect(versions.map(({ text }) => text)).toEqual([
			'm0',
			...Array.from({ length: editsKept }, (_, i) => `${70 - editsKept + i}`)
		]);
	});

	it('leaves nothing of what is deleted, nor of edits that are', () => {
		const said = [
			act('e', 'm0', edit('better'), { time: 2 }),
			act('r', 'm0', reaction('👍')),
			act('p', 'm0', { kind: 'pin', on: true })
		];
		const empty = { versions: [], reactions: [], pinned: false, votes: [] };
		const anna = (id: string) => [{ id, author: 'anna' }];
		const gone = { isDeleted: true, ...empty };
		expect(shownMessages([message('m0')], said, anna('m0'))).toEqual([{ id: 'm0', ...gone }]);
		const [shown] = shownMessages([message('m0')], said, anna('e'));
		expect(shown).toMatchObject({ isDeleted: false, pinned: true });
		expect(shown?.versions.map(({ text }) => text)).toEqual(['m0']);
		// All copies go with what was said first, also those that nobody knew who deleted it.
		expect(shownMessages([message('b', { origin: 'm0' })], said, anna('m0'))).toEqual([{ id: 'b', ...gone }]);
	});

	it('leaves alone what somebody else has said than whose lane a delete names', () => {
		const said = [act('e', 'm0', edit('better'), { time: 2 })];
		const named = ['m0', 'e', 'first'].map((id) => ({ id, author: 'ben' }));
		const copy = message('b', { origin: 'first', time: 3 });
		expect(shownMessages([message('m0'), copy], said, named)).toEqual(
			shownMessages([message('m0'), copy], said)
		);
	});

	it('tells which words of what is deleted no delete names', () => {
		const gone = new Deletions(['m0', 'e1', 'first'].map((id) => ({ id, author: 'anna' })));
		const said = [
			act('e1', 'm0', edit('named')),
			act('e2', 'm0', edit('not named')),
			act('e3', 'm0', edit('of somebody else'), { account: 'ben' }),
			act('e4', 'm1', edit('of what is there')),
			act('r', 'm0', reaction('👍')),
			act('b1', 'first', { kind: 'again' }),
			act('e5', 'b1', edit('of a copy'))
		];
		expect(lateWords(said, gone, 'anna').map(({ id }) => id)).toEqual(['e2', 'b1', 'e5']);
	});

	it('takes of several choices the first where one may be chosen, and none beyond the options', () => {
		const poll = { options: ['a', 'b'], several: false };
		const said = [act('a', 'm0', vote(1, 5), { account: 'ben' }), act('b', 'm0', vote(0, 1), { time: 2 })];
		expect(shownMessage(message('m0', { poll }), said).votes).toEqual([['anna'], ['ben']]);
		const all = shownMessage(message('m0', { poll: { ...poll, several: true } }), said);
		expect(all.votes).toEqual([['anna'], ['ben', 'anna']]);
		const taken = [...said, act('c', 'm0', vote(), { time: 3 })];
		expect(shownMessage(message('m0', { poll }), taken).votes).toEqual([[], ['ben']]);
	});
});

describe('the ids of a message that was said again', () => {
	const copy = (id: string, more: { account?: string } = {}) => act(id, 'first', { kind: 'again' }, more);

	it('all name it: that of the first, of the copy that counts and of those that do not', () => {
		const shown = message('b1', { origin: 'first' });
		const namesOf = namesByMessage([shown], [copy('b1'), copy('b2')]);
		expect([...namesOf(shown)].sort()).toEqual(['b1', 'b2', 'first']);
		expect([...namesByMessage([message('first')], [copy('b2')])(message('first'))]).toEqual(['first', 'b2']);
	});

	it('never lead from what somebody claims to say again to what somebody else said', () => {
		const claimed = message('c1', { account: 'mallory', origin: 'first' });
		const said = [copy('c1', { account: 'mallory' }), copy('c2', { account: 'mallory' })];
		const namesOf = namesByMessage([message('first'), claimed], said);
		expect([...namesOf(claimed)]).toEqual(['c1']);
		expect([...namesOf(message('first'))]).toEqual(['first']);
	});

	it('bring what is said about any of them to it', () => {
		const said = [
			copy('b1'),
			copy('b2'),
			act('r1', 'first', reaction('👍'), { account: 'ben' }),
			act('r2', 'b2', reaction('🎉'), { account: 'cleo', time: 2 }),
			act('e', 'first', edit('better'), { time: 3 })
		];
		const [shown] = shownMessages([message('b1', { origin: 'first' })], said);
		expect(shown?.versions.at(-1)?.text).toBe('better');
		expect(shown?.reactions).toEqual([
			{ emoji: '👍', accounts: ['ben'] },
			{ emoji: '🎉', accounts: ['cleo'] }
		]);
	});
});
