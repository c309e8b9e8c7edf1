import { plainlyShown } from '../../src/lib/store/as-said';
import type { ConversationSummary, MemberView, TimelineMessage } from '../../src/lib/app/contract';

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

/** [author, minutes after the one before, text] */
type Line = readonly [MemberView, number, string];

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
	const add = (author: MemberView, atMs: number, text: string, index: number): void => {
		messages.push({
			...plainlyShown,
			id: `${conversation}-${String(index).padStart(7, '0')}`,
			time: atMs * 1024 + index,
			conversation,
			segment: 0,
			lane: 1,
			clock: index,
			author: author.account,
			own: author.self,
			text,
			sentAtMs: atMs,
			authorName: author.name,
			delivery: author.self ? 'delivered-to-all' : null
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
	lines.forEach(([author, minutes, text], index) => {
		atMs += minutes * minuteMs;
		add(author, atMs, text, older + index);
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
	const last = conversation.messages[conversation.messages.length - 1];
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
