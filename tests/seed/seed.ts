/**
 * Makes a group with a long history and puts it into a relay's folder, as if its members had sent it there.
 *
 *   npx tsx tests/seed/seed.ts --data-dir ./data --messages 100000 [--authors 5] [--name "Long history"]
 *
 * prints one JSON line; open `<relay>/join#<fragment>` to become a member. Founding, invitation and joins are the real
 * classes' work; messages are sealed, signed, chained and divided into segments as `Conversation.write` does it, without
 * its journal and read model. Nothing may have the folder open meanwhile. A seeded history has no frontiers: its
 * authors are away for good.
 */
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { LmdbStorage } from '../../relay/lmdb-storage';
import type { Conversation } from '../../src/lib/conversation/conversation';
import {
	foundGroup,
	invite,
	joiningIdentity,
	writeFounding,
	writeJoin,
	type Founding
} from '../../src/lib/conversation/founding';
import { segmentLimits } from '../../src/lib/conversation/segment';
import { toBase64url } from '../../src/lib/protocol/base64url';
import { HybridClock } from '../../src/lib/protocol/clock';
import type { AdmittedRun } from '../../src/lib/protocol/guard/lanes';
import { updateLimitBytes } from '../../src/lib/protocol/guard/update';
import { contextOf, controlSegment } from '../../src/lib/protocol/ids';
import { encodeInviteLink, type InviteLink } from '../../src/lib/protocol/invite-link';
import type { Dep } from '../../src/lib/protocol/records';
import { SeededRandom } from '../simulation/seeded-random';
import { must } from '../must';
import { messageText } from './message-texts';
import { allRuns, MessageLanes, newAuthor, openInMemory, seedCrypto } from './seed-author';

export interface SeedOptions {
	/** Texts in all; certificates and control entries come on top. Default 100 000. */
	readonly messages?: number;
	/** 1 …; the first is the founder. Default 5. */
	readonly authors?: number;
	/** Default "Long history". */
	readonly groupName?: string;
	/** Of texts, pauses and who speaks; keys and nonces are new each time. Default 1. */
	readonly seed?: number;
}

export interface Seed {
	/** What follows `/join#`. Valid for seven days. */
	readonly fragment: string;
	/** As in the address `/c/<conversation>`. */
	readonly conversation: string;
	readonly groupName: string;
	readonly authorNames: readonly string[];
	readonly messages: number;
	/** Message segments; the newest has this number. */
	readonly segments: number;
	/** In all segments: messages, certificates of lanes, control entries. */
	readonly entries: number;
	/** Of those entries. */
	readonly bytes: number;
	/** Text of the newest message. */
	readonly newestText: string;
	readonly madeAtMs: number;
}

const authorNames = [
	'Ada Lovelace',
	'Bo Diddley',
	'Çiğdem Arslan',
	'Dmitri Shostakovich',
	'Emmy Noether',
	'Femi Kuti'
];
/** Of seeded histories, up to now. */
const spanMs = 400 * 24 * 60 * 60_000;
/** Messages that are written at the same time, by different authors who have not seen each other's. */
const atOnce = 4;

class WrittenClock {
	nowMs: number;

	constructor(startMs: number) {
		this.nowMs = startMs;
	}

	hybrid(): HybridClock {
		return new HybridClock(() => this.nowMs);
	}
}

interface Group {
	readonly founding: Founding;
	readonly conversations: readonly Conversation[];
	readonly authors: readonly MessageLanes[];
	readonly names: readonly string[];
}

async function passControl(from: Conversation, to: Conversation): Promise<void> {
	for await (const update of from.updatesFor(controlSegment, [], updateLimitBytes)) {
		const report = await to.ingest(controlSegment, update, 'seed');
		if (report.violations.length > 0 || report.gap)
			throw new Error(`a control entry was refused: ${report.violations.join()}`);
	}
}

async function assemble(time: WrittenClock, count: number, groupName: string): Promise<Group> {
	const nameOf = (i: number): string => authorNames[i] ?? `Member ${i + 1}`;
	const founding = await foundGroup(seedCrypto, await newAuthor());
	const founder = await openInMemory(founding.identity, time.hybrid(), [founding.controlLane]);
	must(await writeFounding(founder, founding.genesis, groupName, nameOf(0)));
	const link = must(await invite(seedCrypto, founder, time.nowMs));
	const conversations = [founder];
	for (let i = 1; i < count; i++) {
		time.nowMs += 1_000;
		const identity = await joiningIdentity(seedCrypto, await newAuthor(), link);
		const member = await openInMemory(identity, time.hybrid(), []);
		await passControl(founder, member);
		must(await writeJoin(seedCrypto, member, link, nameOf(i)));
		await passControl(member, founder);
		conversations.push(member);
	}
	if (founder.authority.memberByAccount.size !== count) throw new Error('not all authors became members');
	const authors = conversations.map(({ identity }) => new MessageLanes(identity, time.hybrid()));
	return { founding, conversations, authors, names: conversations.map((_, i) => nameOf(i)) };
}

/** Writes into a relay's folder what one segment holds, as one append of the real storage. */
async function store(
	storage: LmdbStorage,
	conversation: Uint8Array,
	segment: number,
	runs: readonly AdmittedRun[]
): Promise<{ entries: number; bytes: number }> {
	const entries = runs.reduce((sum, run) => sum + run.entries.length, 0);
	const bytes = runs.reduce((sum, run) => sum + run.entries.reduce((all, entry) => all + entry.length, 0), 0);
	await storage.append(contextOf(conversation, segment), runs, { sequence: 1, entryCount: entries, bytes });
	return { entries, bytes };
}

/**
 * Seeds a relay's folder. Throws if the folder is in use or holds this conversation already (it never does).
 * @param dataDir the relay's DATA_DIR; made if it is not there
 * @param onProgress called after each segment with the messages written so far
 */
export async function seedRelay(
	dataDir: string,
	options: SeedOptions = {},
	onProgress: (messages: number) => void = () => undefined
): Promise<Seed> {
	const { messages = 100_000, authors: authorCount = 5, groupName = 'Long history', seed = 1 } = options;
	const madeAtMs = Date.now();
	const random = new SeededRandom(seed);
	const time = new WrittenClock(madeAtMs - spanMs);
	const group = await assemble(time, authorCount, groupName);
	const conversation = group.founding.identity.conversation;
	const storage = new LmdbStorage(dataDir);
	let segment = 1;
	let inSegment = { entries: 0, bytes: 0 };
	let total = { entries: 0, bytes: 0 };
	let newestText = '';
	const add = (a: typeof total, b: typeof total): typeof total => ({
		entries: a.entries + b.entries,
		bytes: a.bytes + b.bytes
	});
	const finishSegment = async (): Promise<void> => {
		const runs = group.authors.flatMap((author) => author.run(segment) ?? []);
		if (runs.length > 0) total = add(total, await store(storage, conversation, segment, runs));
	};
	const meanPauseMs = (spanMs - 60_000) / Math.max(1, messages / atOnce);
	for (let written = 0; written < messages;) {
		if (inSegment.entries >= segmentLimits.entries || inSegment.bytes >= segmentLimits.bytes) {
			await finishSegment();
			onProgress(written);
			segment++;
			inSegment = { entries: 0, bytes: 0 };
		}
		const speakers = random.shuffled(group.authors).slice(0, Math.min(atOnce, messages - written));
		const seen = speakers.map((speaker) => depsOf(group.authors, speaker, segment));
		const texts = speakers.map((_, i) => messageText(random, written + i));
		const added = await Promise.all(
			speakers.map((speaker, i) => speaker.write(segment, texts[i] ?? '', seen[i] ?? []))
		);
		inSegment = added.reduce(add, inSegment);
		written += speakers.length;
		newestText = texts.at(-1) ?? newestText;
		time.nowMs += Math.round(meanPauseMs * (0.2 + 1.6 * random.unit()));
		time.nowMs = Math.min(time.nowMs, madeAtMs);
	}
	await finishSegment();
	time.nowMs = Date.now();
	const link = await lastInvitation(group, segment, time.nowMs);
	const control = await group.conversations[0]?.document(controlSegment);
	if (control === undefined) throw new Error('a group has at least its founder');
	total = add(total, await store(storage, conversation, controlSegment, allRuns(control)));
	await storage.close();
	return {
		fragment: encodeInviteLink(link),
		conversation: toBase64url(conversation),
		groupName,
		authorNames: group.names,
		messages,
		segments: segment,
		...total,
		newestText,
		madeAtMs
	};
}

async function lastInvitation(group: Group, newestSegment: number, nowMs: number): Promise<InviteLink> {
	const founder = group.conversations[0];
	if (founder === undefined) throw new Error('a group has at least its founder');
	return {
		...must(await invite(seedCrypto, founder, nowMs)),
		segment: newestSegment
	};
}

/** The newest entries of up to four others in the segment. */
function depsOf(authors: readonly MessageLanes[], speaker: MessageLanes, segment: number): readonly Dep[] {
	return authors
		.filter((author) => author !== speaker && author.run(segment) !== null)
		.slice(0, 4)
		.flatMap((author) => author.newest ?? []);
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			'data-dir': { type: 'string', default: './data' },
			messages: { type: 'string', default: '100000' },
			authors: { type: 'string', default: '5' },
			name: { type: 'string', default: 'Long history' }
		}
	});
	const seed = await seedRelay(
		values['data-dir'],
		{ messages: Number(values.messages), authors: Number(values.authors), groupName: values.name },
		(messages) => process.stderr.write(`${messages} messages\n`)
	);
	process.stdout.write(JSON.stringify(seed) + '\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
