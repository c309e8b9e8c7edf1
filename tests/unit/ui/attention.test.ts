import { describe, expect, it } from 'vitest';
import { attentionFor, type Circumstances } from '../../../src/lib/ui/attention/attention-for';
import { filtered, unreadTotal, type ListFilter } from '../../../src/lib/ui/words/unread';

const looking: Circumstances = { focused: true, open: 'a', listAlone: false, notifies: true };
const call = { conversation: 'b', muted: false, mentioned: false };

describe('how loudly something is told', () => {
	it.each([
		['somewhere else while one looks', call, looking, 'toast'],
		['where one looks', { ...call, conversation: 'a' }, looking, 'none'],
		[
			'as a request, while no conversation is open',
			{ ...call, conversation: null },
			{ ...looking, open: null },
			'toast'
		],
		['while the list is all there is', call, { ...looking, open: null, listAlone: true }, 'none'],
		['while nobody looks', call, { ...looking, focused: false }, 'notification'],
		[
			'while nobody looks, also in what is open',
			{ ...call, conversation: 'a' },
			{ ...looking, focused: false },
			'notification'
		],
		[
			'while nobody looks, and the system must not',
			call,
			{ ...looking, focused: false, notifies: false },
			'toast'
		],
		['in a muted conversation', { ...call, muted: true }, { ...looking, focused: false }, 'none'],
		[
			'with a mention in a muted one',
			{ ...call, muted: true, mentioned: true },
			{ ...looking, focused: false },
			'notification'
		],
		[
			'with a mention in front of one’s eyes',
			{ ...call, conversation: 'a', mentioned: true },
			looking,
			'none'
		]
	] as const)('%s', (_, what, where, attention) => {
		expect(attentionFor(what, where)).toBe(attention);
	});
});

interface Standing {
	readonly muted?: boolean;
	readonly pinned?: boolean;
	readonly archived?: boolean;
	readonly marked?: boolean;
}

const standingById: Record<string, Standing> = {
	plain: {},
	read: { pinned: true },
	muted: { muted: true },
	away: { archived: true },
	marked: { marked: true }
};
const marks = {
	of: (id: string) => ({
		mutedUntilMs: standingById[id]?.muted ? 1 : 0,
		pinnedAtMs: standingById[id]?.pinned ? 1 : 0,
		archivedTime: 0,
		unreadTime: standingById[id]?.marked ? 1 : 0,
		clearedTime: 0,
		vanishingS: 0
	}),
	isMuted: (id: string) => standingById[id]?.muted === true,
	isArchived: (id: string) => standingById[id]?.archived === true
};
const conversations = [
	{ id: 'plain', kind: 'group', unread: 3, mentions: 0, last: null },
	{ id: 'muted', kind: 'group', unread: 40, mentions: 2, last: null },
	{ id: 'away', kind: 'direct', unread: 7, mentions: 0, last: null },
	{ id: 'marked', kind: 'direct', unread: 0, mentions: 0, last: null },
	{ id: 'read', kind: 'group', unread: 0, mentions: 0, last: null }
] as const;

describe('the list', () => {
	it.each<[ListFilter, string | null, readonly string[]]>([
		['all', null, ['read', 'plain', 'muted', 'marked']],
		['unread', null, ['plain', 'muted', 'marked']],
		['unread', 'read', ['read', 'plain', 'muted', 'marked']],
		['groups', null, ['read', 'plain', 'muted']],
		['people', null, ['marked']],
		['archived', null, ['away']]
	])('%s with %s open', (filter, current, ids) => {
		expect(filtered(conversations, filter, marks, current).map(({ id }) => id)).toEqual(ids);
	});

	it('counts what calls: not what is muted or put away, but mentions, and what is marked as one', () => {
		expect(unreadTotal(conversations, marks)).toBe(3 + 2 + 1);
	});
});
