/** Updates that no honest device makes: refused before Yjs sees a byte of them, by devices and by the relay alike. */
import { expect, vi } from 'vitest';
import * as Y from 'yjs';
import { Reassembly, frameAt, fragmentBytes } from '../../src/lib/link/frame';
import { FrameReceiver } from '../../src/lib/link/frame-receiver';
import { controlMessageLimitBytes, messageLimitBytes } from '../../src/lib/link/limits';
import { ByteWriter, concatBytes } from '../../src/lib/protocol/bytes';
import {
	clockLimit,
	decodeUpdate,
	encodeUpdate,
	updateLimitBytes,
	type LaneRun
} from '../../src/lib/protocol/guard/update';
import { ManualTimers } from '../unit/link/manual-timers';
import type { LaneWriter, Segment } from '../unit/relay/lane-writer';
import { DocumentClient, eventually, metric, startTestRelay } from '../unit/relay/test-relay';
import { writtenDocument } from '../unit/relay/written-document';
import type { Relay } from '../../relay/server';
import { expectRefused, goOn, honestGroup, ingestInVain, laneRun } from './honest-group';
import { BlockCounter } from '../block-counter';
import type { Row } from './row';

/** A lane that is held there. */
type Update = (victim: LaneRun) => Uint8Array;

const unfinishedMs = 10_000;
/** Of blocks of our code, for what has to be refused without work. */
const stepsPerByte = 50;

interface HeldByRelay {
	readonly relay: Relay;
	readonly segment: Segment;
	readonly writer: LaneWriter;
}

async function relayWithLane(): Promise<HeldByRelay> {
	const relay = await startTestRelay();
	const { segment, writer } = await writtenDocument(relay, 3);
	return { relay, segment, writer };
}

async function relayRefuses(
	{ relay, segment, writer }: HeldByRelay,
	update: Uint8Array,
	reason: string | readonly string[]
): Promise<void> {
	const reasons = [reason].flat();
	const counted = async (): Promise<number> => {
		const each = reasons.map((one) => metric(relay, 'rejected_total', { kind: 'document', reason: one }));
		return (await Promise.all(each)).reduce((sum, count) => sum + count, 0);
	};
	const before = await counted();
	const offender = await DocumentClient.open(relay, segment);
	await offender.synchronise();
	offender.socket.send(new ByteWriter().u8(0).u8(2).block(update).done());
	await eventually(async () => expect(await counted()).toBe(before + 1));
	const reader = await DocumentClient.open(relay, segment);
	await reader.synchronise();
	expect(reader.entriesByLane).toEqual(new Map([[writer.lane, writer.entries]]));
}

/** Refused by a device and by the relay, each given what it holds itself as the victim. */
async function refusedEverywhere(
	updates: readonly Update[],
	reason: string | readonly string[],
	atRelay: string | readonly string[] = reason
): Promise<void> {
	const people = await honestGroup();
	const victim = await laneRun(people.founder, 1, people.ben);
	const held = await relayWithLane();
	for (const update of updates) {
		await expectRefused(people.founder, update(victim), reason);
		await relayRefuses(held, update(held.writer.run()), atRelay);
	}
	await goOn(people);
}

const struct = (lane: number, start: number, info: number, ...rest: readonly number[]): Uint8Array =>
	concatBytes(
		new ByteWriter().varuint(1).varuint(1).varuint(lane).varuint(start).u8(info).done(),
		Uint8Array.from(rest),
		Uint8Array.of(0)
	);

/** What a stock Yjs client with this clientID would write. */
function writtenByYjs(clientId: number, write: (doc: Y.Doc) => void): Uint8Array {
	const doc = new Y.Doc();
	doc.clientID = clientId;
	write(doc);
	return Y.encodeStateAsUpdate(doc);
}

const entryOf = (victim: LaneRun): Uint8Array => victim.entries[0] as Uint8Array;
const withKey =
	(change: (key: string) => string): Update =>
	(victim) => {
		const { lane, start, entries } = victim;
		const key = change(`${lane.toString(36)}.${start.toString(36)}`);
		return new ByteWriter()
			.varuint(1)
			.varuint(1)
			.varuint(lane)
			.varuint(start)
			.u8(0x23)
			.varuint(1)
			.text('e')
			.text(key)
			.block(entries[0] as Uint8Array)
			.varuint(0)
			.done();
	};

/** Each set into one that is in the document already: Yjs itself could not write them at once. */
function nest(doc: Y.Doc, depth: number): void {
	let map = doc.getMap<unknown>('e');
	for (let i = 0; i < depth; i++) {
		const inner = new Y.Map<unknown>();
		map.set('m', inner);
		map = inner;
	}
}

/** 200 000 lists within each other, as Yjs' encoding of any value has them; Yjs itself could not write them. */
const nestedAny: Update = ({ lane }) =>
	concatBytes(
		new ByteWriter().varuint(1).varuint(1).varuint(lane).varuint(900).u8(0x28).varuint(1).text('e').done(),
		new ByteWriter().text('k').varuint(1).done(),
		Uint8Array.from({ length: 400_000 }, (_, i) => (i % 2 === 0 ? 117 : 1)),
		Uint8Array.of(126, 0)
	);

/** The run-length bomb that keeps decoders of the second format busy for ever, at two lengths. */
const runLengthBombs = [21, 27].map((length) =>
	Uint8Array.from({ length }, (_, i) => (i === 0 ? 0 : i === length - 1 ? 0 : i % 2 === 0 ? 0xff : 0x7f))
);

const malformed = ['truncated', 'trailing', 'varint', 'length', 'lane-count', 'delete-set', 'entry-count'];

export const updateRows: readonly Row[] = [
	{
		no: 1,
		input: 'a delete set over a whole lane, 12 bytes',
		outcome: 'refused (delete-set); no entry changes',
		run: () =>
			refusedEverywhere(
				[
					({ lane, entries }) =>
						new ByteWriter()
							.varuint(0)
							.varuint(1)
							.varuint(lane)
							.varuint(1)
							.varuint(0)
							.varuint(entries.length)
							.done()
				],
				'delete-set'
			)
	},
	{
		no: 2,
		input: 'structs GC, Skip, deleted content and any other kind, on the lane or ahead of it',
		outcome: 'refused (struct-kind)',
		run: () => {
			const others = Array.from({ length: 12 }, (_, kind) => kind).filter((kind) => kind !== 1 && kind !== 3);
			/** Five entries at once, where a placeholder stands for one. */
			const deleted: Update = ({ lane, entries }) => {
				const key = `${lane.toString(36)}.${entries.length.toString(36)}`;
				const text = [...key].map((letter) => letter.charCodeAt(0));
				return struct(lane, entries.length, 0x21, 1, 1, 0x65, text.length, ...text, 5);
			};
			return refusedEverywhere(
				[
					({ lane }) => struct(lane, 0, 0, 0xff, 0xff, 0x3f),
					({ lane, entries }) => struct(lane, entries.length, 10, 5),
					deleted,
					...others.map(
						(kind): Update =>
							({ lane }) =>
								struct(lane, 0, 0x20 | kind, 1, 1, 0x65)
					)
				],
				'struct-kind'
			);
		}
	},
	{
		no: 5,
		input: 'a second value for a key, with an origin, as Yjs writes an overwrite',
		outcome: 'refused (struct-kind)',
		run: () =>
			refusedEverywhere(
				[
					(victim) =>
						writtenByYjs(7, (doc) => {
							const entries = doc.getMap('e');
							const key = `${victim.lane.toString(36)}.0`;
							entries.set(key, entryOf(victim));
							entries.set(key, new Uint8Array(300));
						})
				],
				['struct-kind', 'key']
			)
	},
	{
		no: 5,
		input: 'a key that is another place, or the same in other letters: padded, upper case, longer',
		outcome: 'refused (key)',
		run: () =>
			refusedEverywhere(
				[
					(key: string) => `0${key}`,
					(key: string) => key.replace('.', '.0'),
					(key: string) => key.toUpperCase(),
					(key: string) => `${key.slice(0, -1)}1`,
					() => '',
					() => '__proto__'
				].map(withKey),
				'key'
			)
	},
	{
		no: 6,
		input: 'updates of the second format, among them the run-length bomb (yjs#687)',
		outcome: 'refused at once by the strict decoder of the first format; nothing decodes the second',
		run: async () => {
			const bombs: Update[] = runLengthBombs.map((bomb) => () => bomb);
			const second: Update = (victim) => {
				const doc = new Y.Doc();
				Y.applyUpdate(doc, encodeUpdate([victim]));
				return Y.encodeStateAsUpdateV2(doc);
			};
			await refusedEverywhere([...bombs, second], malformed);
			await refusedAtOnce(runLengthBombs);
		}
	},
	{
		no: 7,
		input: 'counts of 2^32 - 1 and 2^53 - 1 structs or lanes, and 40 lanes that each claim millions',
		outcome: 'refused at once, whatever they claim: work and memory follow the bytes at hand',
		run: async () => {
			const counts = [2 ** 32 - 1, Number.MAX_SAFE_INTEGER];
			const updates: Update[] = counts.flatMap((count): Update[] => [
				() => new ByteWriter().varuint(count).varuint(1).varuint(5).varuint(0).varuint(0).done(),
				({ lane }) => new ByteWriter().varuint(1).varuint(count).varuint(lane).varuint(0).varuint(0).done()
			]);
			updates.push(() => {
				const writer = new ByteWriter().varuint(40);
				for (let lane = 0; lane < 40; lane++) writer.varuint(9_000_000).varuint(lane).varuint(0);
				return writer.varuint(0).done();
			});
			await refusedEverywhere(updates, ['lane-count', 'entry-count']);
			const victim = { lane: 5, start: 0, entries: [] };
			await refusedAtOnce(updates.map((update) => update(victim)));
		}
	},
	{
		no: 8,
		input:
			'200 000 nested lists, 4 000 nested maps, a subdocument, a list or a text as root, a root "__proto__"',
		outcome: 'refused (struct-kind, entry-count, root, key): one root and one kind of content exist',
		run: async () => {
			const bytes = new Uint8Array(300);
			await refusedEverywhere(
				[
					nestedAny,
					({ lane }) => writtenByYjs(lane, (doc) => nest(doc, 4_000)),
					({ lane }) => writtenByYjs(lane, (doc) => void doc.getMap('e').set('k', new Y.Doc())),
					({ lane }) => writtenByYjs(lane, (doc) => doc.getArray('e').insert(0, [bytes])),
					({ lane }) => writtenByYjs(lane, (doc) => doc.getText('e').insert(0, 'text')),
					({ lane }) => writtenByYjs(lane, (doc) => void doc.getMap('__proto__').set('k', bytes)),
					({ lane }) => writtenByYjs(lane, (doc) => void doc.getMap('f').set('k', bytes)),
					({ lane }) => writtenByYjs(lane, (doc) => void doc.getMap('e').set('__proto__', bytes))
				],
				['struct-kind', 'root', 'key', 'entry-count']
			);
		}
	},
	{
		no: 9,
		input: 'varints of 11 bytes or padded with zeros, something trailing',
		outcome: 'refused (varint, trailing)',
		run: () =>
			refusedEverywhere(
				[
					() => Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
					() => Uint8Array.of(0x80, 0, 0),
					(victim) => concatBytes(encodeUpdate([victim]), Uint8Array.of(0))
				],
				['varint', 'trailing']
			)
	},
	{
		no: 9,
		input: 'a sound update cut off after any of its bytes',
		outcome: 'refused, at every length',
		run: async () => {
			const people = await honestGroup();
			const sound = encodeUpdate([await laneRun(people.founder, 1, people.ben)]);
			const taken = sound.reduce((sum, _, at) => sum + Number(decodeUpdate(sound.slice(0, at)).ok), 0);
			expect(taken).toBe(0);
			for (const at of [1, 7, Math.floor(sound.length / 2), sound.length - 1])
				await expectRefused(people.founder, sound.slice(0, at), [
					'truncated',
					'struct-kind',
					'entry-count',
					'lane-count'
				]);
		}
	},
	{
		no: 10,
		input: 'an update of 1 MiB and a byte',
		outcome: 'refused (update-size) without a look at it',
		run: async () => {
			const people = await honestGroup();
			await expectRefused(people.founder, new Uint8Array(updateLimitBytes + 1), 'update-size');
			await goOn(people);
		}
	},
	{
		no: 10,
		input: 'a control message over 64 KiB, a message over 8 MiB, on a link',
		outcome: 'refused (message-too-long) with the fragment that makes it so; the link is closed',
		run: () => {
			for (const limit of [controlMessageLimitBytes, messageLimitBytes]) {
				const reassembly = new Reassembly(limit);
				const full = new Uint8Array(fragmentBytes + 1) as Uint8Array<ArrayBuffer>;
				let taken = 0;
				for (; reassembly.take(full).ok; taken++) expect(taken).toBeLessThanOrEqual(limit / fragmentBytes);
				expect(taken).toBe(Math.floor(limit / fragmentBytes));
			}
		}
	},
	{
		no: 10,
		input: 'a message that is begun and never finished',
		outcome:
			'refused (message-unfinished) after 10 s of silence; the link is closed, what was kept is let go',
		run: () => {
			const timers = new ManualTimers();
			const refused: string[] = [];
			const receiver = new FrameReceiver({
				messageLimitBytes,
				windowBytes: messageLimitBytes,
				unfinishedMs,
				timers,
				handle: () => Promise.reject(new Error('nothing is finished')),
				report: () => undefined,
				refuse: (reason) => refused.push(reason),
				broken: (error) => {
					throw error;
				}
			});
			receiver.take(frameAt(new Uint8Array(3 * fragmentBytes), 0).buffer);
			timers.pass(unfinishedMs - 1);
			expect(refused).toEqual([]);
			timers.pass(1);
			expect(refused).toEqual(['message-unfinished']);
		}
	},
	{
		no: 11,
		input: 'entries beyond a gap in a lane, again and again',
		outcome:
			'dropped and asked for; no violation, since others lose frames; the document holds nothing that waits',
		run: async () => {
			const people = await honestGroup();
			const { lane, entries } = await laneRun(people.founder, 1, people.ben);
			for (const start of [entries.length + 1, 1_000, clockLimit - 2]) {
				const report = await ingestInVain(
					people.founder,
					encodeUpdate([{ lane, start, entries: entries.slice(0, 1) }])
				);
				expect(report).toEqual({ admitted: 0, gap: true, violations: [] });
			}
			await goOn(people);
		}
	},
	{
		no: 11,
		input: 'clock 2^31, lane 2^53',
		outcome: 'refused (clock-range, varint)',
		run: () =>
			refusedEverywhere(
				[
					({ lane, entries }) => encodeUpdate([{ lane, start: clockLimit, entries: entries.slice(0, 1) }]),
					(victim) =>
						concatBytes(
							Uint8Array.of(1, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0),
							entryOf(victim)
						)
				],
				['clock-range', 'varint']
			)
	}
];

/** In a few steps for each byte at most, whatever the bytes claim. */
async function refusedAtOnce(inputs: readonly Uint8Array[]): Promise<void> {
	using counter = new BlockCounter('/src/lib/protocol/');
	vi.resetModules();
	const fresh = await import('../../src/lib/protocol/guard/update');
	for (const bytes of inputs)
		expect(counter.blocksOf(() => fresh.decodeUpdate(bytes))).toBeLessThan(stepsPerByte * bytes.length);
}
