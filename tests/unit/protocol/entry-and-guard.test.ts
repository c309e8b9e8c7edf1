import { webcrypto } from 'node:crypto';
import * as Y from 'yjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { webCryptoPort, type SigningKeys } from '../../../src/lib/protocol/crypto';
import { createEntry, entryIdOf, openEntry } from '../../../src/lib/protocol/entry';
import { deriveEpochKeys, type EpochKeys } from '../../../src/lib/protocol/epoch';
import { verifyFork } from '../../../src/lib/protocol/guard/fork-proof';
import { signedFrom } from '../../../src/lib/protocol/guard/lane-signatures';
import { admitRuns, type LaneTable } from '../../../src/lib/protocol/guard/lanes';
import { decodeUpdate, encodeUpdate, splitRuns } from '../../../src/lib/protocol/guard/update';
import { contextOf, entryKey, laneOf } from '../../../src/lib/protocol/ids';
import { encodeRecord } from '../../../src/lib/protocol/records';
import { propertyRuns } from '../../property-runs';

const crypto = webCryptoPort(webcrypto as unknown as Crypto);
const conversation = new Uint8Array(32).fill(1);
const context = contextOf(conversation, 1);
const empty: LaneTable = { head: () => undefined, entry: () => undefined, entryId: () => undefined };

let keys: EpochKeys;
let signing: SigningKeys;
let lane: number;
let entries: Uint8Array[];

async function write(clock: number, prev: Uint8Array, text: string, at = context): Promise<Uint8Array> {
	const record = encodeRecord({ hlc: 1, deps: [], record: { type: 'message', text } });
	const { bytes } = await createEntry(crypto, keys, {
		place: { context: at, lane, clock },
		class: clock === 0 ? 'lane' : 'message',
		prev,
		record,
		lanePublicKey: signing.publicKey,
		lanePrivateKey: signing.privateKey
	});
	return bytes;
}

const holding = (held: readonly Uint8Array[]): LaneTable => ({
	head: (each) =>
		each === lane
			? { publicKey: signing.publicKey, next: held.length, id: entryIdOf(held.at(-1) as Uint8Array) }
			: undefined,
	entry: (_, clock) => held[clock],
	entryId: (_, clock) => (held[clock] ? entryIdOf(held[clock]) : undefined)
});
const admit = (
	table: LaneTable,
	start: number,
	offered: readonly Uint8Array[],
	at = context,
	number = lane
): ReturnType<typeof admitRuns> =>
	admitRuns(crypto.subtle, at, table, new Map(), [{ lane: number, start, entries: offered }], 'message');

beforeAll(async () => {
	keys = await deriveEpochKeys(crypto.subtle, conversation, new Uint8Array(32).fill(2));
	signing = await crypto.generateSigningKeys();
	lane = laneOf(signing.publicKey);
	entries = [await write(0, new Uint8Array(32), 'zero')];
	for (const text of ['one', 'two', 'three'])
		entries.push(await write(entries.length, entryIdOf(entries.at(-1) as Uint8Array), text));
});

describe('an entry', () => {
	it('with any single bit flipped is not admitted', async () => {
		const sound = entries[1] as Uint8Array;
		const table = holding(entries.slice(0, 1));
		expect((await admit(table, 1, [sound])).admitted).toHaveLength(1);
		const bits = sound.length * 8;
		for (let bit = 0; bit < bits; bit += Math.ceil(bits / propertyRuns(bits))) {
			const flipped = sound.slice();
			flipped[bit >> 3]! ^= 1 << (bit & 7);
			expect((await admit(table, 1, [flipped])).admitted, `bit ${bit}`).toHaveLength(0);
		}
	});

	it('opens at its own place alone', async () => {
		const sound = entries[1] as Uint8Array;
		expect((await openEntry(crypto.subtle, keys, { context, lane, clock: 1 }, sound)).ok).toBe(true);
		const otherKeys = await deriveEpochKeys(crypto.subtle, conversation, new Uint8Array(32).fill(9));
		expect((await openEntry(crypto.subtle, otherKeys, { context, lane, clock: 1 }, sound)).ok).toBe(false);
		for (const place of [
			{ context: contextOf(conversation, 2), lane, clock: 1 },
			{ context: contextOf(new Uint8Array(32).fill(3), 1), lane, clock: 1 },
			{ context, lane: lane + 1, clock: 1 },
			{ context, lane, clock: 2 }
		]) {
			expect(await openEntry(crypto.subtle, keys, place, sound)).toEqual({
				ok: false,
				reason: 'entry-sealed'
			});
		}
	});
});

describe('the structural guard', () => {
	it('admits a lane, says what is missing, and refuses replays to other places', async () => {
		expect((await admit(empty, 0, entries)).admitted[0]?.entries).toHaveLength(4);
		expect((await admit(holding(entries.slice(0, 1)), 2, entries.slice(2))).gaps).toEqual([
			{ lane, next: 1 }
		]);
		for (const [start, number, at] of [
			[0, lane, contextOf(conversation, 2)],
			[0, lane + 1, context],
			[1, lane, context]
		] as const) {
			const admission = await admit(
				start === 1 ? holding(entries.slice(0, 1)) : empty,
				start,
				start === 1 ? [entries[2] as Uint8Array] : entries,
				at,
				number
			);
			expect(admission.admitted).toHaveLength(0);
		}
	});

	it('proves a fork from two branches, and asks for the whole lane if it sees only an end of the other', async () => {
		const other = [...entries.slice(0, 2), await write(2, entryIdOf(entries[1] as Uint8Array), 'other two')];
		other.push(await write(3, entryIdOf(other[2] as Uint8Array), 'other three'));
		const admission = await admit(holding(entries), 0, other);
		expect(admission.forks).toHaveLength(1);
		expect(admission.forks[0]?.clock).toBe(2);
		expect(await verifyFork(crypto.subtle, context, admission.forks[0]!)).toBe(true);
		expect(await verifyFork(crypto.subtle, contextOf(conversation, 2), admission.forks[0]!)).toBe(false);
		const end = await admit(holding(entries.slice(0, 3)), 3, other.slice(3));
		expect([end.branches, end.rejected, end.admitted]).toEqual([[{ lane, clock: 3 }], [], []]);
	});

	it('takes of a branch what leads up to a good signature, and nothing from where one was spoilt', async () => {
		const other = [...entries.slice(0, 1), await write(1, entryIdOf(entries[0] as Uint8Array), 'other one')];
		for (const text of ['other two', 'other three'])
			other.push(await write(other.length, entryIdOf(other.at(-1) as Uint8Array), text));
		const spoilt = (clock: number): Uint8Array[] => {
			const changed = other.map((bytes) => bytes.slice());
			changed[clock]![changed[clock]!.length - 1]! ^= 1;
			return changed;
		};
		const signedOf = async (offered: Uint8Array[]): Promise<number> => {
			const run = { lane, start: 0, entries: offered };
			return (await signedFrom(crypto.subtle, context, new Map(), signing.publicKey, run, 1)).entries.length;
		};
		expect(await Promise.all([signedOf(other), signedOf(spoilt(2)), signedOf(spoilt(3))])).toEqual([3, 1, 2]);
		expect(await signedOf([other[0]!, other[1]!, entries[2]!, entries[3]!])).toBe(1);
		// Where the proof itself would stand there is none, until another replica shows the entry as it was.
		const { forks, branches, rejected } = await admit(holding(entries), 0, spoilt(1));
		expect([forks, branches, rejected]).toEqual([[], [], [{ lane, clock: 1, reason: 'entry-signature' }]]);
	});

	it('takes nothing from a spoilt signature on, also where sound ones follow, and blames no fork for it', async () => {
		for (const place of [1, 2]) {
			const spoilt = entries.map((entry) => entry.slice());
			spoilt[place]![spoilt[place]!.length - 1]! ^= 1;
			for (const table of [empty, holding(entries.slice(0, 1))]) {
				const { admitted, rejected, branches, forks } = await admit(table, 0, spoilt);
				const last = admitted[0];
				expect((last?.start ?? 0) + (last?.entries.length ?? 1)).toBe(place);
				expect(rejected).toEqual([{ lane, clock: place, reason: 'entry-signature' }]);
				expect([branches, forks]).toEqual([[], []]);
			}
		}
	});

	it('takes what the newest good signature vouches for, and not what is behind it', async () => {
		const spoilt = entries.map((entry) => entry.slice());
		spoilt[3]![spoilt[3]!.length - 1]! ^= 1;
		const admission = await admit(empty, 0, spoilt);
		expect(admission.admitted[0]?.entries).toHaveLength(3);
		expect(admission.rejected).toEqual([{ lane, clock: 3, reason: 'entry-signature' }]);
	});
});

describe('the grammar of updates', () => {
	it('is what Yjs writes for our documents, and Yjs reads it alike', () => {
		const doc = new Y.Doc();
		doc.clientID = lane;
		entries.forEach((entry, clock) => doc.getMap('e').set(entryKey(lane, clock), entry));
		const fromYjs = decodeUpdate(Y.encodeStateAsUpdate(doc));
		expect(fromYjs).toEqual({ ok: true, value: [{ lane, start: 0, entries }] });
		const ours = encodeUpdate([{ lane, start: 0, entries }]);
		expect(ours).toEqual(Y.encodeStateAsUpdate(doc));
		const copy = new Y.Doc();
		Y.applyUpdate(copy, ours);
		expect(copy.getMap('e').toJSON()).toEqual(doc.getMap('e').toJSON());
	});

	it('splits into pieces that together are the same', () => {
		const pieces = [...splitRuns([{ lane, start: 0, entries }], 400)];
		expect(pieces.length).toBeGreaterThan(1);
		expect(pieces.flat().flatMap((run) => run.entries)).toEqual(entries);
	});

	it('has no deletions, no other structs, nothing trailing, and not V2', () => {
		const doc = new Y.Doc();
		doc.getMap('e').set('a', 1);
		doc.getMap('e').delete('a');
		for (const bytes of [
			Y.encodeStateAsUpdate(doc),
			Y.encodeStateAsUpdateV2(doc),
			Uint8Array.of(0, 0, 0),
			Uint8Array.of(0, 1, 5, 1, 0, 9)
		]) {
			expect(decodeUpdate(bytes).ok).toBe(false);
		}
	});
});
