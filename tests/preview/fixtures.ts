import { plainlyShown } from '../../src/lib/store/as-said';
import type { ConversationSummary, MemberView, Quotation, TimelineMessage } from '../../src/lib/app/contract';

export interface PreviewConversation {
	readonly id: string;
	readonly name: string;
	readonly left: boolean;
	readonly members: readonly MemberView[];
	readonly messages: TimelineMessage[];
	readonly unread: number;
	/** Account of the other in a direct conversation. */
	readonly peer?: string;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

export const self: MemberView = member('acc-mara', 'Mara Lindqvist', {
	self: true,
	role: 'owner',
	online: true
});
export const tomas = member('acc-tomas', 'Tomás Ibarra', { online: true });
export const noor = member('acc-noor', 'نور الهاشمي', { role: 'moderator' });
export const jun = member('acc-jun', 'Jun', { online: true });
const bob = member('acc-bob', `Bob ${'Maximilian '.repeat(9)}`);

function member(account: string, name: string, over: Partial<MemberView> = {}): MemberView {
	return {
		account,
		name,
		role: 'member',
		left: false,
		self: false,
		online: false,
		seenAtMs: null,
		hidden: false,
		...over
	};
}

/** [author, minutes after the one before, text, what was said about it] */
type Line = readonly [MemberView, number, string, Partial<TimelineMessage>?];

/** A message that nothing was said about. */
export function plainMessage(
	conversation: string,
	id: string,
	time: number,
	clock: number,
	author: MemberView,
	text: string,
	sentAtMs: number
): TimelineMessage {
	return {
		...plainlyShown,
		id,
		time,
		conversation,
		segment: 0,
		lane: 1,
		clock,
		author: author.account,
		own: author.self,
		text,
		sentAtMs,
		authorName: author.name,
		delivery: author.self ? 'delivered-to-all' : null
	};
}

const boat: readonly Line[] = [
	[tomas, 0, 'Morning! Who is bringing the **big pot** on Saturday?'],
	[self, 4, 'I am. It survived last year, it will survive this one 😄'],
	[tomas, 0, 'Heroic.'],
	[
		tomas,
		0,
		'Then I take care of the stove, the gas and the two canisters of water. We should be at the jetty by nine: the wind turns at noon, and I would rather not row all the way back like in June.'
	],
	[noor, 12, 'صباح الخير! سأحضر الخبز والزيتون، ومعي مصباح إضافي إن احتجنا.'],
	[self, 2, 'Wonderful, thank you ❤️'],
	[
		jun,
		31,
		'Forecast as of now:\n- morning 4 knots, *sun*\n- noon 9 knots from the west\n- evening calm again'
	],
	[jun, 0, 'Source: https://weather.example.org/marine/archipelago?station=4711&range=48h'],
	[self, 1, '👍'],
	[tomas, 95, 'I wrote a little script for the tide table, in case anyone wants to check my numbers:'],
	[
		tomas,
		0,
		'```ts\nconst tide = readings\n\t.filter((reading) => reading.station === "4711")\n\t.map(({ atMs, heightCm }) => ({ hour: new Date(atMs).getHours(), heightCm }));\n\nexport const low = tide.reduce((a, b) => (a.heightCm < b.heightCm ? a : b));\n```'
	],
	[
		jun,
		3,
		'> the wind turns at noon\n\nSee the forecast. I would leave at half past ten, to be on the safe side.'
	],
	[
		self,
		6,
		'Good idea. Plan, then:\n1. Jetty at nine\n2. Out to the island, lunch there\n3. Back at **half past ten**… no, wait, that cannot be right 🙈'
	],
	[noor, 1, 'ههههه'],
	[jun, 0, 'Back before noon, so lunch is breakfast. I like it.'],
	[
		tomas,
		14,
		'A longwordthatgoesonandonandonandonwithoutanyspaceatalljusttoseewhathappenswhenitreachestheedgeofthebubble works too, apparently, and `inline code` next to it.'
	],
	[self, 3, 'See you on Saturday!']
];

const quotation = (author: MemberView, text: string, over: Partial<Quotation> = {}): Quotation => ({
	id: 'conv-acts-0000000',
	position: { time: 0, id: 'conv-acts-0000000' },
	author: author.account,
	own: author.self,
	text,
	deleted: false,
	thread: null,
	...over
});

/** What can be said about messages, one of each. */
const acts: readonly Line[] = [
	[tomas, 0, 'Meet at the *harbour* at eight?', { edited: { count: 2, atMs: Date.now() }, pinned: true }],
	[
		self,
		4,
		'Eight is early. Nine?',
		{
			reply: quotation(tomas, 'Meet at the *harbour* at eight?'),
			reactions: [
				{ emoji: '👍', accounts: [tomas.account, jun.account], own: false },
				{ emoji: '😂', accounts: [self.account], own: true }
			],
			edited: { count: 1, atMs: Date.now() }
		}
	],
	[
		jun,
		2,
		'Nine is fine. @Mara, can you bring the charts?',
		{
			mentionsMe: true,
			mentions: [self.account],
			replies: {
				count: 3,
				unread: 1,
				lastTime: 0,
				lastAuthors: [tomas.account, noor.account, self.account]
			},
			reactions: [{ emoji: '❤️', accounts: [self.account, tomas.account, noor.account], own: true }]
		}
	],
	[jun, 0, '', { deleted: { by: 'acc-jun', atMs: Date.now() } }],
	[noor, 3, '', { deleted: { by: self.account, atMs: Date.now() } }],
	[
		noor,
		1,
		'نلتقي في التاسعة إذن',
		{ reply: quotation(jun, 'Nine is fine. @Mara, can you bring the charts?') }
	],
	[
		self,
		6,
		'I do not know that one.',
		{ reply: quotation(jun, '', { author: '', position: null }), pinned: true }
	],
	[
		tomas,
		2,
		'What do we eat?',
		{
			poll: {
				options: [
					'Fish, if we catch any',
					'Bread and olives',
					'Whatever Jun brings along in those boxes of hers'
				],
				multiple: false,
				votes: [[tomas.account], [self.account, noor.account, jun.account], []],
				own: [1],
				voters: 4
			}
		}
	],
	[
		self,
		1,
		'Which days?',
		{
			poll: {
				options: ['Friday', 'Saturday', 'Sunday'],
				multiple: true,
				votes: [[tomas.account], [tomas.account, self.account], []],
				own: [1],
				voters: 2
			}
		}
	],
	[tomas, 1, 'The ferry leaves from pier **three** now.', { forwarded: true }],
	[self, 1, 'Noted ❤️', { pinned: true }]
];

const threadLines: readonly Line[] = [
	[self, 1, 'The paper ones?'],
	[tomas, 2, 'Both, to be safe.', { reactions: [{ emoji: '👍', accounts: [jun.account], own: false }] }],
	[jun, 1, 'Paper ones. Batteries die.']
];

const fillers = [
	'Did anybody see the blue rope?',
	'It hangs behind the door.',
	'Found it, thanks!',
	'I am late, ten minutes.',
	'No hurry.',
	'The ferry was cancelled, so I took the bus and walked the last bit along the water. Lovely, to be honest.',
	'Photos tomorrow.',
	'Can someone water the tomatoes while I am away? Twice a week is plenty.',
	'Sure, I will.',
	'You are the best.',
	'What about *Thursday*?',
	'Thursday works.',
	'For me too, after six.',
	'שלום לכולם, אני מגיע בשמונה',
	'🎉',
	'Ok!',
	'I read the whole thing again and I think that we should do it the simple way first, see how it feels for a week, and only then talk about the rest.'
];

/** The boat trip, after `older` messages of the years before; ends just now. */
function timeline(
	conversation: string,
	people: readonly MemberView[],
	lines: readonly Line[],
	older: number,
	nowMs: number
): TimelineMessage[] {
	const span = lines.reduce((sum, [, minutes]) => sum + minutes, 0) * minuteMs;
	const messages: TimelineMessage[] = [];
	const add = (
		author: MemberView,
		atMs: number,
		text: string,
		index: number,
		said: Partial<TimelineMessage> = {}
	): void => {
		const id = `${conversation}-${String(index).padStart(7, '0')}`;
		messages.push({
			...plainMessage(conversation, id, atMs * 1024 + index, index, author, text, atMs),
			...said
		});
	};
	const start = nowMs - span - dayMs;
	for (let index = 0; index < older; index += 1) {
		// Bursts of a few within a minute or two, with gaps of hours: the shape of real chats.
		const back = older - index;
		const atMs = start - Math.floor(back / 5) * 3.7 * 3_600_000 - (back % 5) * 25_000;
		add(
			people[(index * 7 + Math.floor(index / 3)) % people.length] ?? self,
			atMs,
			fillers[(index * 5 + Math.floor(index / 17)) % fillers.length] ?? '',
			index
		);
	}
	let atMs = nowMs - span - 2 * minuteMs;
	lines.forEach(([author, minutes, text, said], index) => {
		atMs += minutes * minuteMs;
		add(author, atMs, text, older + index, said);
	});
	return messages;
}

/** Gives own messages at the end the earlier states of delivery. */
function withStates(messages: TimelineMessage[]): TimelineMessage[] {
	const states = ['queued', 'sent', 'delivered', 'read', 'read-by-all'] as const;
	let next = 0;
	for (let index = messages.length - 1; index >= 0 && next < states.length; index -= 1) {
		const message = messages[index] as TimelineMessage;
		if (message.own) messages[index] = { ...message, delivery: states[next++] ?? null };
	}
	return messages;
}

export function previewConversations(nowMs: number): PreviewConversation[] {
	const crew = [self, tomas, noor, jun];
	const make = (
		id: string,
		name: string,
		members: readonly MemberView[],
		lines: readonly Line[],
		older = 0,
		unread = 0,
		left = false,
		agoMs = 0
	): PreviewConversation => ({
		id,
		name,
		members,
		unread,
		left,
		messages: timeline(id, members, lines, older, nowMs - agoMs)
	});
	const island = make(
		'conv-island',
		'Island weekend',
		[...crew, bob, { ...member('acc-ida', 'Ida'), left: true }],
		boat,
		5_000
	);
	withStates(island.messages);
	const talk = make('conv-acts', 'Boat crew', crew, acts, 0, 0, false, 5 * dayMs);
	const root = talk.messages[2];
	talk.messages.push(
		...timeline('conv-acts-thread', crew, threadLines, 0, nowMs - 5 * dayMs + 30 * minuteMs).map(
			(message) => ({
				...message,
				conversation: 'conv-acts',
				thread: root?.id ?? null
			})
		)
	);
	return [
		island,
		make(
			'conv-garden',
			'Garden & tools',
			[self, tomas, jun],
			[
				[jun, 0, 'The hose is back.'],
				[tomas, 4, 'And the ladder?'],
				[jun, 1, 'Ladder too. Somebody painted it **green**.']
			],
			90,
			3,
			false,
			40 * minuteMs
		),
		make('conv-family', 'العائلة', [self, noor], [[noor, 0, 'متى نلتقي؟']], 12, 1, false, 3 * 3_600_000),
		make(
			'conv-reading',
			'Reading circle: long books for long winters, and the tea that goes with them',
			[self, jun],
			[[self, 0, 'Page 412. No spoilers please.']],
			30,
			0,
			false,
			dayMs
		),
		{
			...make(
				'conv-tomas',
				tomas.name,
				[self, tomas],
				[
					[tomas, 0, 'Shall we take the long way round on Saturday?'],
					[self, 3, 'Only if you row.'],
					[tomas, 1, 'Deal.']
				],
				4,
				0,
				false,
				2 * dayMs
			),
			peer: tomas.account
		},
		{
			...make('conv-noor', noor.name, [self, noor], [[noor, 0, 'إلى اللقاء']], 3, 0, false, 3 * dayMs),
			peer: noor.account
		},
		talk,
		make('conv-new', 'Choir tour', [self], [], 0),
		make(
			'conv-left',
			'Old flat',
			[self, tomas],
			[[tomas, 0, 'Keys are with the neighbour. Bye all!']],
			8,
			0,
			true,
			40 * dayMs
		)
	];
}

export function summaryOf(
	conversation: PreviewConversation,
	unread: number,
	nowMs: number
): ConversationSummary {
	const last = conversation.messages.findLast(({ thread }) => thread === null);
	return {
		id: conversation.id,
		name: conversation.name,
		createdTime: (nowMs - 400 * dayMs) * 1024,
		left: conversation.left,
		last: last
			? {
					author: last.author,
					authorName: last.authorName,
					own: last.own,
					text: last.text,
					deleted: last.deleted !== null,
					sentAtMs: last.sentAtMs,
					position: { time: last.time, id: last.id }
				}
			: null,
		unread,
		mentions: 0,
		readPosition: null,
		memberCount: conversation.members.length,
		kind: conversation.peer === undefined ? 'group' : 'direct',
		peer: conversation.peer ?? null
	};
}
