/**
 * What a member may do wrong, one row each: said over links or at the relay, and what the honest count it as. Whatever
 * must not be seen says FORGED. Read by the page that does it and by the test that looks at the others' screens.
 */
import { fragmentBytes, frameAt } from '../../../src/lib/link/frame';
import { messageLimitBytes } from '../../../src/lib/link/limits';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import { entryIdOf, parseEntry } from '../../../src/lib/protocol/entry';
import { deriveEpochKeys } from '../../../src/lib/protocol/epoch';
import { createFrontier } from '../../../src/lib/protocol/frontier';
import { encodeUpdate, type LaneRun } from '../../../src/lib/protocol/guard/update';
import { contextOf, controlSegment } from '../../../src/lib/protocol/ids';
import { codecs, noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { encodeSyncFrame } from '../../../src/lib/protocol/sync-frames';
import { attacks } from '../../simulation/hostile-updates';
import { SeededRandom } from '../../simulation/seeded-random';
import { HandLane } from '../hand-lane';
import type { Member, Way } from './member';

export interface Behaviour {
	readonly name: string;
	readonly what: string;
	/** Reason under which honest devices count it on the Diagnostics page; null: there is nothing to refuse. */
	readonly counted: RegExp | null;
	/** Reason under which the relay counts it; null: it takes it, and devices judge. Absent: cannot be said there. */
	readonly atRelay?: RegExp | null;
	readonly act: (member: Member, way: Way) => Promise<void>;
}

const messages = 1;
const forged = { type: 'message', text: 'FORGED' } as const;
const yearMs = 365 * 24 * 60 * 60_000;
/** Of a raw data channel: y-webrtc's own, and ours. */
const documentChannel = 0;
const syncChannel = 2;

const lastId = ({ entries }: LaneRun): Uint8Array => entryIdOf(entries.at(-1) as Uint8Array);
const ownLane = (member: Member, segment: number): Promise<HandLane> =>
	HandLane.begin(member.crypto, member.identity, segment, { hlc: hlcOfMs(Date.now()) });

/** A sound lane of the member's own, and in it whatever is to be said. */
async function sayInLane(
	member: Member,
	way: Way,
	segment: number,
	fill: (lane: HandLane) => Promise<unknown>
): Promise<void> {
	const lane = await ownLane(member, segment);
	await fill(lane);
	await member.say(way, segment, lane.update());
}

/** An attack of those that plain Yjs falls for, in a message segment. */
const plain =
	(name: keyof typeof attacks): Behaviour['act'] =>
	async (member, way) => {
		const seen = {
			conversation: member.identity.conversation,
			segment: messages,
			update: await member.seen(messages),
			keys: await member.conversation.keys.keysToWrite(),
			elsewhere: await member.seen(controlSegment)
		};
		const attack = attacks[name];
		if (attack === undefined) throw new Error(`there is no attack ${name}`);
		await member.say(way, messages, await attack(seen, new SeededRandom(name.length), member.crypto));
	};

/** Control records, said by a member who may not. */
const control =
	(
		recordsOf: (member: Member) => Promise<readonly KnownRecord[]> | readonly KnownRecord[]
	): Behaviour['act'] =>
	(member, way) =>
		sayInLane(member, way, controlSegment, async (lane) => {
			for (const record of await recordsOf(member)) await lane.say(record);
		});

/** @param flags those that come before the text, if its kind has any */
const rawRecord = (number: number, text: string, flags: readonly number[] = []): Uint8Array =>
	new ByteWriter()
		.u8(number)
		.varuint(hlcOfMs(Date.now()))
		.u8(0)
		.raw(Uint8Array.from(flags))
		.text(text)
		.done();

export const behaviours: readonly Behaviour[] = [
	{
		name: 'forges-next',
		what: "an entry at somebody's next clock, under the forger's key",
		counted: /^peer: entry-signature$/,
		atRelay: /^entry-signature$/,
		act: async (member, way) => {
			const victim = await member.victim(messages);
			const thief = await member.crypto.generateSigningKeys();
			const lane = await ownLane(member, messages);
			const next = victim.entries.length;
			const entry = await lane.entry(forged, next, { signer: thief, prev: lastId(victim) });
			await member.say(way, messages, encodeUpdate([{ lane: victim.lane, start: next, entries: [entry] }]));
		}
	},
	{
		name: 'squats-on-a-lane',
		what: 'the beginning of a lane under a number that is not its key’s',
		counted: /^peer: lane-key$/,
		atRelay: /^lane-key$/,
		act: async (member, way) => {
			const lane = await ownLane(member, messages);
			await member.say(
				way,
				messages,
				encodeUpdate([{ lane: lane.lane + 1, start: 0, entries: lane.entries }])
			);
		}
	},
	{
		name: 'spoils-a-signature',
		what: 'an own entry with one bit of its signature changed',
		counted: /^peer: entry-signature$/,
		atRelay: /^entry-signature$/,
		act: (member, way) =>
			sayInLane(member, way, messages, async (lane) => {
				await lane.say(forged);
				lane.entries[1]![lane.entries[1]!.length - 1]! ^= 1;
			})
	},
	{
		name: 'replays-elsewhere',
		what: 'entries of the control segment in a message segment',
		counted: /^peer: entry-(signature|class)$/,
		atRelay: /^entry-signature$/,
		act: plain('replay')
	},
	{
		name: 'deletes',
		what: 'a delete set over a whole lane',
		counted: /^peer: delete-set$/,
		atRelay: /^delete-set$/,
		act: plain('deleteSet')
	},
	{
		name: 'collects',
		what: 'a GC struct over a million clocks',
		counted: /^peer: struct-kind$/,
		atRelay: /^struct-kind$/,
		act: plain('garbageCollected')
	},
	{
		name: 'skips',
		what: 'a Skip struct at the next clock',
		counted: /^peer: struct-kind$/,
		atRelay: /^struct-kind$/,
		act: plain('skip')
	},
	{
		name: 'overwrites',
		what: 'a second value for a key, as Yjs writes it',
		counted: /^peer: /,
		atRelay: /./,
		act: plain('overwrite')
	},
	{
		name: 'writes-as-somebody',
		what: 'an item of plain Yjs under somebody’s client id',
		counted: /^peer: /,
		atRelay: /./,
		act: plain('squat')
	},
	{
		name: 'speaks-version-two',
		what: 'an update of the second format',
		counted: /^peer: /,
		atRelay: /./,
		act: plain('versionTwo')
	},
	{
		name: 'talks-of-authority-among-messages',
		what: 'a control entry in a message segment',
		counted: /entry-class$/,
		atRelay: null,
		act: (member, way) =>
			sayInLane(member, way, messages, (lane) =>
				lane.say({ type: 'profile', name: 'FORGED' }, { class: 'control' })
			)
	},
	{
		name: 'seals-with-another-key',
		what: 'a sound entry that nobody can open',
		counted: /^entry-sealed$/,
		atRelay: null,
		act: async (member, way) => {
			const { conversation } = member.identity;
			const keys = await member.conversation.keys.keysToWrite();
			const secret = member.crypto.randomBytes(32);
			const other = await deriveEpochKeys(member.crypto.subtle, conversation, secret);
			await sayInLane(member, way, messages, (lane) => lane.say(forged, { keys: { ...other, id: keys.id } }));
		}
	},
	{
		name: 'says-too-much',
		what: 'a text of 20 KiB in a sound entry',
		counted: /^length$/,
		atRelay: null,
		act: (member, way) =>
			sayInLane(member, way, messages, (lane) =>
				lane.say(rawRecord(codecs.message.number, 'FORGED'.repeat(3_500), [0]))
			)
	},
	{
		name: 'mixes-records',
		what: 'a profile sealed and signed as a message',
		counted: /^type$/,
		atRelay: null,
		act: (member, way) =>
			sayInLane(member, way, messages, (lane) => lane.say(rawRecord(codecs.profile.number, 'FORGED')))
	},
	{
		name: 'has-a-huge-name',
		what: 'a name of 60 KB',
		counted: /^length$/,
		atRelay: null,
		act: (member, way) =>
			sayInLane(member, way, controlSegment, (lane) =>
				lane.say(rawRecord(codecs.profile.number, 'FORGED'.repeat(10_000)))
			)
	},
	{
		name: 'floods-quarantine',
		what: 'a hundred sound lanes under a grant that does not exist',
		counted: /^quarantine-full$/,
		atRelay: null,
		act: async (member, way) => {
			const grant = member.crypto.randomBytes(32);
			const lanes: LaneRun[] = [];
			for (let i = 0; i < 100; i++)
				lanes.push((await HandLane.begin(member.crypto, member.identity, messages, { grant })).run());
			await member.say(way, messages, encodeUpdate(lanes));
		}
	},
	{
		name: 'floods-with-gaps',
		what: 'forty frames of entries that stand upon nothing',
		counted: null,
		atRelay: /^gap$/,
		act: async (member, way) => {
			const victim = await member.victim(messages);
			const entry = victim.entries.at(-1) as Uint8Array;
			for (let i = 0; i < 40; i++) {
				const runs = Array.from({ length: 50 }, (_, j) => ({
					lane: victim.lane + 1 + j,
					start: 1 + i,
					entries: [entry]
				}));
				await member.say(way, messages, encodeUpdate(runs));
				// Once is enough to see what a relay does; a socket each would be a flood of another kind.
				if (way === 'relay') return;
			}
		}
	},
	{
		name: 'comes-from-the-future',
		what: 'a message of next year, and one whose deps do not exist',
		counted: null,
		atRelay: null,
		act: (member, way) =>
			sayInLane(member, way, messages, async (lane) => {
				const hlc = hlcOfMs(Date.now() + yearMs);
				await lane.say(forged, { hlc, deps: [{ lane: 5, clock: 5, id: new Uint8Array(8) }] });
			})
	},
	{
		name: 'puts-words-into-mouths',
		what: 'says "again" what somebody else had said first',
		counted: null,
		atRelay: null,
		act: async (member, way) => {
			const victim = await member.victim(messages);
			await sayInLane(member, way, messages, (lane) =>
				lane.say({ type: 'again', origin: lastId(victim), text: 'my own words' })
			);
		}
	},
	{
		name: 'accuses',
		what: 'a made-up proof that somebody’s lane is forked',
		counted: null,
		atRelay: null,
		act: control(async (member) => {
			const victim = await member.victim(messages);
			const first = parseEntry(victim.entries[0] as Uint8Array, 0);
			const publicKey = first.ok ? first.value.header.lanePublicKey : null;
			if (publicKey === null) throw new Error('a lane has no key');
			const noise = (): Uint8Array => member.crypto.randomBytes(64);
			const digests = [new Uint8Array(32), new Uint8Array(32).fill(1)] as const;
			const signatures = [noise(), noise()] as const;
			return [{ type: 'fork', segment: messages, clock: 1, publicKey, digests, signatures }];
		})
	},
	{
		name: 'usurps',
		what: 'renames the group, removes its founder, makes itself moderator and owner',
		counted: null,
		atRelay: null,
		act: control((member) => {
			const { conversation, grant, certificate } = member.identity;
			return [noAuthority, conversation].flatMap((auth): KnownRecord[] => [
				{
					type: 'settings',
					auth,
					name: 'FORGED',
					description: 'FORGED',
					picture: null,
					whoMayPost: 'owner',
					whoMayInvite: 'owner',
					approval: true,
					history: 'all',
					accepted: []
				},
				{ type: 'remove', auth, grants: [conversation], caps: [], epoch: null },
				{ type: 'role', auth, grant, role: 'moderator', caps: [] },
				{
					type: 'owner',
					seat: conversation,
					account: certificate.account,
					grant,
					lane: 5,
					consent: conversation,
					caps: [],
					signature: member.crypto.randomBytes(64)
				}
			]);
		})
	},
	{
		name: 'speaks-for-a-device',
		what: 'a frontier in somebody’s name',
		counted: /^frontier-signature$/,
		act: async (member) => {
			const { lane } = await member.victim(controlSegment);
			const { privateKey } = await member.crypto.generateSigningKeys();
			const { conversation } = member.identity;
			const keys = await member.conversation.keys.keysToWrite();
			const context = contextOf(conversation, controlSegment);
			const head = { next: 99, id: new Uint8Array(32) };
			const heads = new Map([[messages, new Map([[lane, head]])]]);
			const frontier = await createFrontier(
				member.crypto,
				keys,
				context,
				{ lane, privateKey },
				Date.now() + yearMs,
				heads
			);
			member.sendFrame(encodeSyncFrame({ type: 'frontier', frontier }));
		}
	},
	{
		name: 'withholds',
		what: 'claims four thousand segments full of entries, and answers every question with nothing',
		counted: null,
		act: async (member) => {
			member.withholds = true;
			const digest = new Uint8Array(8).fill(9);
			const segments = Array.from({ length: 4_000 }, (_, segment) => ({ segment, entries: 10_000, digest }));
			member.sendFrame(encodeSyncFrame({ type: 'inventory', segments }));
			for (const segment of [0, 1]) member.sendFrame(encodeSyncFrame({ type: 'end', segment }));
		}
	},
	{
		name: 'asks-too-much',
		what: 'a hundred questions for everything at once',
		counted: /^peer: sync-pulls$/,
		act: async (member) => {
			for (let i = 0; i < 100; i++)
				member.sendFrame(encodeSyncFrame({ type: 'pull', segment: messages, heads: [] }));
		}
	},
	{
		name: 'sends-large-noise',
		what: 'seven megabytes of nothing on the sync channel, twice',
		counted: /^peer: sync-/,
		act: async (member) => {
			for (let i = 0; i < 2; i++) member.sendFrame(new Uint8Array(7 * 1024 * 1024).fill(0xee));
		}
	},
	{
		name: 'never-stops',
		what: 'a message of more than eight megabytes',
		counted: /^link: message-too-long$/,
		act: async (member) => {
			const fragment = new Uint8Array(fragmentBytes + 1);
			for (let sent = 0; sent <= messageLimitBytes; sent += fragmentBytes)
				member.sendRaw(syncChannel, fragment);
		}
	},
	{
		name: 'never-finishes',
		what: 'the first fragment of a message, and then silence',
		counted: /^link: message-unfinished$/,
		act: async (member) => {
			member.sendRaw(syncChannel, frameAt(new Uint8Array(3 * fragmentBytes), 0));
			member.fallSilent(syncChannel);
		}
	},
	{
		name: 'has-presence',
		what: 'presence of y-protocols, and a frame of an unknown kind, on the channel of y-webrtc',
		counted: /^peer: webrtc-type$/,
		act: async (member) => {
			for (const frame of [
				new ByteWriter().u8(1).text('FORGED').done(),
				new ByteWriter().u8(99).text('FORGED').done()
			])
				member.sendRaw(documentChannel, frameAt(frame, 0));
		}
	},
	{
		name: 'does-not-tire',
		what: 'noise until somebody hangs up',
		counted: /^peer: sync-/,
		act: async (member) => {
			for (let i = 0; i < 6; i++) member.sendFrame(member.crypto.randomBytes(300));
		}
	}
];
