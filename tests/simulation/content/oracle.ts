/**
 * What has to be shown in the end, worked out the slow way from all entries that count: no fold, no order, for each
 * question a look at everything. Written without a look at how the app does it.
 */
import type { ModelEntry } from './model-segment';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { msOfHlc } from '../../../src/lib/protocol/clock';
import type { ContentRecord } from '../../../src/lib/protocol/records';

export interface CountingEntry extends ModelEntry {
	readonly account: string;
}

interface Said {
	readonly id: string;
	readonly segment: number;
	readonly account: string;
	readonly time: number;
	readonly record: ContentRecord;
}

export interface Expected {
	readonly id: string;
	readonly text: string;
	readonly reactions: readonly string[];
	readonly pinned: boolean;
	readonly votes: readonly string[];
	readonly wordings: number;
}

/**
 * @param counting all entries whose times count; of lanes of nobody none
 * @param deleted "account/id" of what deletes have named
 * @param nowMs what has run out by then is not shown
 */
export function expectedMessages(
	counting: readonly CountingEntry[],
	deleted: ReadonlySet<string>,
	nowMs = 0
): Expected[] {
	const times = timesOf(counting);
	const said = counting.flatMap((entry): Said[] => {
		const { id, segment, account, envelope } = entry;
		const { record } = envelope;
		const name = toBase64url(id);
		if (isOver(entry, nowMs)) return [];
		if (deleted.has(`${account}/${name}`)) return [];
		// With what was said first go all copies, and what words it anew.
		const first =
			record.type === 'again' ? record.origin : record.type === 'edit' ? record.target : undefined;
		if (first !== undefined && deleted.has(`${account}/${toBase64url(first)}`)) return [];
		const isContent = ['message', 'again', 'edit', 'reaction', 'pin', 'vote'].includes(record.type);
		const time = times.get(name) ?? 0;
		return isContent ? [{ id: name, segment, account, time, record: record as ContentRecord }] : [];
	});
	const messages = said.filter((each) => isMessage(each, said));
	return messages
		.map((message) =>
			expected(
				message,
				said.filter((each) => names(each, message, messages, said))
			)
		)
		.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether it is a message, or a copy of one, that was said for a time which has passed by then. */
export function isOver({ envelope: { hlc, record } }: ModelEntry, nowMs: number): boolean {
	if (record.type !== 'message' && record.type !== 'again') return false;
	const { expiresAfterS } = record;
	return expiresAfterS !== undefined && msOfHlc(hlc) + expiresAfterS * 1000 <= nowMs;
}

/** Of several copies of one saying by one account in a segment, that with the lowest id is the message. */
function isMessage({ record, id, account, segment }: Said, said: readonly Said[]): boolean {
	if (record.type === 'message') return true;
	if (record.type !== 'again') return false;
	return !said.some(
		(other) =>
			other.record.type === 'again' &&
			other.account === account &&
			other.segment === segment &&
			toBase64url(other.record.origin) === toBase64url(record.origin) &&
			other.id < id
	);
}

/** Whether an act names a message: by its id, by that of which it is a copy, or by that of another copy. */
function names(act: Said, message: Said, messages: readonly Said[], said: readonly Said[]): boolean {
	const { record } = act;
	if (!('target' in record)) return false;
	const target = toBase64url(record.target);
	if (messages.some(({ id }) => id === target)) return message.id === target;
	const copy = said.find(({ id, record: other }) => id === target && other.type === 'again');
	const first = copy?.record.type === 'again' ? toBase64url(copy.record.origin) : target;
	const isOne = (each: Said): boolean =>
		(copy === undefined || each.account === copy.account) &&
		(each.id === first || (each.record.type === 'again' && toBase64url(each.record.origin) === first));
	const candidates = messages.filter(isOne);
	const itself = candidates.find(({ id }) => id === first);
	const chosen = itself ?? candidates.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
	return chosen?.id === message.id;
}

function expected(message: Said, acts: readonly Said[]): Expected {
	const content = message.record as Extract<ContentRecord, { text: string }>;
	const poll =
		message.record.type === 'message' || message.record.type === 'again' ? message.record.poll : undefined;
	const edits = acts.filter(({ record, account }) => record.type === 'edit' && account === message.account);
	const edit = newest(edits)?.record;
	const accounts = [...new Set(acts.map(({ account }) => account))];
	const emojis = [...new Set(acts.flatMap(({ record }) => (record.type === 'reaction' ? record.emoji : [])))];
	const reactions = accounts.flatMap((account) =>
		emojis
			.filter((emoji) => {
				const record = newest(
					acts.filter(
						(act) => act.account === account && act.record.type === 'reaction' && act.record.emoji === emoji
					)
				)?.record;
				return record?.type === 'reaction' && record.on;
			})
			.map((emoji) => `${account} ${emoji}`)
	);
	const votes = accounts.flatMap((account) => {
		const record = newest(
			acts.filter((act) => act.account === account && act.record.type === 'vote')
		)?.record;
		if (record?.type !== 'vote' || poll === undefined) return [];
		const chosen = record.choices.filter((choice) => choice < poll.options.length);
		return (poll.several ? chosen : chosen.slice(0, 1)).map((choice) => `${account} ${choice}`);
	});
	const pin = newest(acts.filter(({ record }) => record.type === 'pin'))?.record;
	return {
		id: message.id,
		text: edit?.type === 'edit' ? edit.text : content.text,
		reactions: reactions.sort(),
		pinned: pin?.type === 'pin' && pin.on,
		votes: votes.sort(),
		wordings: 1 + edits.length
	};
}

function newest(said: readonly Said[]): Said | undefined {
	return said.find((one) =>
		said.every(
			(other) => other === one || one.time > other.time || (one.time === other.time && one.id > other.id)
		)
	);
}

/** Effective times by id, as protocol 4 says it. */
function timesOf(counting: readonly ModelEntry[]): Map<string, number> {
	const byPlace = new Map(counting.map((each) => [`${each.segment}/${each.lane}/${each.clock}`, each]));
	const times = new Map<string, number>();
	const timeOf = (entry: ModelEntry): number => {
		const name = toBase64url(entry.id);
		const known = times.get(name);
		if (known !== undefined) return known;
		const { segment, lane, clock, envelope } = entry;
		const below = [byPlace.get(`${segment}/${lane}/${clock - 1}`)];
		for (const dep of envelope.deps) {
			const at = byPlace.get(`${segment}/${dep.lane}/${dep.clock}`);
			if (at !== undefined && toBase64url(at.id).startsWith(toBase64url(dep.id).slice(0, 10))) below.push(at);
		}
		const time = Math.max(envelope.hlc, ...below.map((each) => (each ? timeOf(each) + 1 : 0)));
		times.set(name, time);
		return time;
	};
	for (const entry of counting) timeOf(entry);
	return times;
}
