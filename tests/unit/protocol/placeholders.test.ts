/** Entries whose bytes are gone: how they stand in updates, and when the guard does without the bytes (protocol 3.7). */
import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import * as Y from 'yjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { webCryptoPort, type SigningKeys } from '../../../src/lib/protocol/crypto';
import { createEntry } from '../../../src/lib/protocol/entry';
import { deriveEpochKeys, type EpochKeys } from '../../../src/lib/protocol/epoch';
import { signedDigest, verifyFork } from '../../../src/lib/protocol/guard/fork-proof';
import { admitRuns, unknownId, type Admission, type LaneTable } from '../../../src/lib/protocol/guard/lanes';
import {
	decodeOwnUpdate,
	decodeUpdate,
	encodeUpdate,
	placeholder,
	updateLimitBytes
} from '../../../src/lib/protocol/guard/update';
import { contextOf, entryKey, laneOf } from '../../../src/lib/protocol/ids';
import { encodeRecord } from '../../../src/lib/protocol/records';

const crypto = webCryptoPort(webcrypto as unknown as Crypto);
const context = contextOf(new Uint8Array(32).fill(1), 1);
const length = 6;

let epochKeys: EpochKeys;
let signing: SigningKeys;
let lane: number;
const entries: Uint8Array[] = [];
const ids: Uint8Array[] = [];

beforeAll(async () => {
	epochKeys = await deriveEpochKeys(crypto.subtle, new Uint8Array(32).fill(1), new Uint8Array(32).fill(2));
	signing = await crypto.generateSigningKeys();
	lane = laneOf(signing.publicKey);
	for (let clock = 0; clock < length; clock++) {
		const entry = await createEntry(crypto, epochKeys, {
			place: { context, lane, clock },
			class: clock === 0 ? 'lane' : 'message',
			prev: ids.at(-1) ?? new Uint8Array(32),
			record: encodeRecord({ hlc: 1, deps: [], record: { type: 'message', text: `number ${clock}` } }),
			lanePublicKey: signing.publicKey,
			lanePrivateKey: signing.privateKey
		});
		entries.push(entry.bytes);
		ids.push(entry.id);
	}
});

/** An entry for this lane that somebody else has signed. */
async function forged(clock: number, prev: Uint8Array): Promise<{ readonly bytes: Uint8Array }> {
	const { privateKey } = await crypto.generateSigningKeys();
	return createEntry(crypto, epochKeys, {
		place: { context, lane, clock },
		class: 'message',
		prev,
		record: encodeRecord({ hlc: 1, deps: [], record: { type: 'message', text: 'never said' } }),
		lanePublicKey: signing.publicKey,
		lanePrivateKey: privateKey
	});
}

/** The lane with these entries taken out. */
const without = (...clocks: readonly number[]): Uint8Array[] =>
	entries.map((entry, clock) => (clocks.includes(clock) ? placeholder : entry));

interface Holding {
	readonly held?: number;
	readonly named?: Readonly<Record<number, readonly Uint8Array[]>> | 'any';
}

function admit(offered: readonly Uint8Array[], { held = 0, named = {} }: Holding = {}): Promise<Admission> {
	const table: LaneTable = {
		head: () =>
			held === 0 ? undefined : { publicKey: signing.publicKey, next: held, id: ids[held - 1] as Uint8Array },
		entry: (_, clock) => (clock < held ? entries[clock] : undefined),
		entryId: (_, clock) => (clock < held ? ids[clock] : undefined),
		redactedIds: (_, clock) => (named === 'any' ? 'any' : (named[clock] ?? []))
	};
	return admitRuns(
		crypto.subtle,
		context,
		table,
		new Map(),
		[{ lane, start: 0, entries: offered }],
		'message'
	);
}

const right = (...clocks: readonly number[]): Holding => ({
	named: Object.fromEntries(clocks.map((clock) => [clock, [ids[clock] as Uint8Array]]))
});

describe('a document without some bytes', () => {
	const redacted = (clocks: readonly number[]): Y.Doc => {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, encodeUpdate([{ lane, start: 0, entries }]));
		for (const clock of clocks) doc.getMap('e').delete(entryKey(lane, clock));
		return doc;
	};

	it('is the same to the byte whoever took them out, in whatever order, or never had them', () => {
		const clocks = fc.uniqueArray(fc.integer({ min: 1, max: length - 1 }), { minLength: 1 });
		fc.assert(
			fc.property(clocks, clocks, (some, more) => {
				const all = [...new Set([...some, ...more])];
				const state = Y.encodeStateAsUpdate(redacted([...some, ...more]));
				expect(Y.encodeStateAsUpdate(redacted(all.reverse()))).toEqual(state);
				const newcomer = new Y.Doc();
				Y.applyUpdate(newcomer, encodeUpdate([{ lane, start: 0, entries: without(...all) }]));
				expect(Y.encodeStateAsUpdate(newcomer)).toEqual(state);
				expect(decodeOwnUpdate(state, updateLimitBytes)).toEqual({
					ok: true,
					value: [{ lane, start: 0, entries: without(...all) }]
				});
				// A list of what is deleted comes from nobody but ourselves.
				expect(decodeUpdate(state)).toEqual({ ok: false, reason: 'delete-set' });
			})
		);
	});

	it('is read as it is written, and in no other spelling', () => {
		const update = encodeUpdate([{ lane, start: 0, entries: without(2, 5) }]);
		expect(decodeUpdate(update)).toEqual({ ok: true, value: [{ lane, start: 0, entries: without(2, 5) }] });
		const longer = update.slice();
		const last = longer.length - 2;
		expect(longer[last]).toBe(1);
		longer[last] = 2;
		expect(decodeUpdate(longer)).toEqual({ ok: false, reason: 'struct-kind' });
		const empty = Y.encodeStateAsUpdate(
			(() => {
				const doc = new Y.Doc();
				doc.clientID = lane;
				doc.getMap('e').set(entryKey(lane, 0), new Uint8Array(0));
				return doc;
			})()
		);
		expect(decodeUpdate(empty)).toEqual({ ok: false, reason: 'entry-size' });
	});
});

describe('the guard', () => {
	it('does without the bytes that a delete names', async () => {
		const { admitted, unexplained, rejected } = await admit(without(2, 3), right(2, 3));
		expect([unexplained, rejected]).toEqual([[], []]);
		expect(admitted[0]?.entries).toEqual(without(2, 3));
		expect(admitted[0]?.ids).toEqual(ids);
	});

	it('and at the end of a lane, where the delete alone tells', async () => {
		expect((await admit(without(4, 5), right(4, 5))).admitted[0]?.ids).toEqual(ids);
		expect((await admit(without(4, 5), { held: 4, ...right(4, 5) })).admitted[0]).toMatchObject({ start: 4 });
	});

	it('waits at a place that none names, and blames nobody', async () => {
		const { admitted, unexplained, rejected, gaps } = await admit(without(2, 4), right(4));
		expect([rejected, gaps]).toEqual([[], []]);
		expect(unexplained).toEqual([{ lane, clock: 2 }]);
		expect(admitted[0]?.entries).toEqual(entries.slice(0, 2));
		expect((await admit(without(5))).unexplained).toEqual([{ lane, clock: 5 }]);
	});

	it('waits where what stands upon it stands upon something else', async () => {
		const { admitted, unexplained } = await admit(without(3), { named: { 3: [ids[2] as Uint8Array] } });
		expect(unexplained).toEqual([{ lane, clock: 3 }]);
		expect(admitted[0]?.entries).toHaveLength(3);
		const two = { named: { 3: [ids[2] as Uint8Array, ids[3] as Uint8Array] } };
		expect((await admit(without(3), two)).admitted[0]?.ids).toEqual(ids);
	});

	it('refuses one in place of what says whose the lane is', async () => {
		const { admitted, rejected } = await admit(without(0), right(0));
		expect([admitted, rejected]).toEqual([[], [{ lane, clock: 0, reason: 'placeholder' }]]);
	});

	it('takes none in place of what it has', async () => {
		const { admitted, branches, rejected } = await admit(without(1, 2), { held: length, ...right(1, 2) });
		expect([admitted, branches, rejected]).toEqual([[], [], []]);
	});

	it('believes no signature less for a placeholder beside it', async () => {
		const offered = without(3);
		const spoilt = offered[5]?.slice() as Uint8Array;
		spoilt[spoilt.length - 1]! ^= 1;
		offered[5] = spoilt;
		const { admitted, rejected } = await admit(offered, right(3));
		expect(admitted[0]?.entries).toHaveLength(5);
		expect(rejected).toEqual([{ lane, clock: 5, reason: 'entry-signature' }]);
	});

	it('takes nothing in front of a placeholder on the word of a signature behind it', async () => {
		// Anybody who holds the epoch can make an entry upon clock 1; nothing tells what clock 3 really stood upon.
		const fake = (await forged(2, ids[1] as Uint8Array)).bytes;
		const offered = without(3);
		offered[2] = fake;
		const { admitted, rejected } = await admit(offered, right(3));
		expect(admitted[0]?.entries).toEqual(entries.slice(0, 2));
		expect(rejected).toEqual([{ lane, clock: 2, reason: 'entry-signature' }]);
		// Nor beside what is held already.
		const later = await admit(offered, { held: 2, ...right(3) });
		expect([later.admitted, later.rejected]).toEqual([[], rejected]);
	});

	it('takes each stretch between placeholders upon a signature of its own', async () => {
		const offered = without(2, 4);
		offered[3] = (await forged(3, ids[2] as Uint8Array)).bytes;
		const { admitted, rejected } = await admit(offered, right(2, 4));
		// What leads up to it waits with it.
		expect(rejected).toEqual([{ lane, clock: 2, reason: 'entry-signature' }]);
		expect(admitted[0]?.entries).toEqual(entries.slice(0, 2));
	});

	it('proves a fork at an entry whose bytes are gone by what is kept of it', async () => {
		const other = (await createEntry(crypto, epochKeys, {
			place: { context, lane, clock: 3 },
			class: 'message',
			prev: ids[2] as Uint8Array,
			record: encodeRecord({ hlc: 1, deps: [], record: { type: 'message', text: 'another branch' } }),
			lanePublicKey: signing.publicKey,
			lanePrivateKey: signing.privateKey
		})) as { readonly bytes: Uint8Array };
		const table = (isKept: boolean): LaneTable => ({
			head: () => ({ publicKey: signing.publicKey, next: 4, id: ids[3] as Uint8Array }),
			entry: (_, clock) => (clock < 3 ? entries[clock] : undefined),
			entryId: (_, clock) => ids[clock],
			signedOf: (_, clock) => (isKept && clock === 3 ? signedDigest(entries[3] as Uint8Array) : undefined)
		});
		const run = { lane, start: 0, entries: [...entries.slice(0, 3), other.bytes] };
		const met = (isKept: boolean): Promise<Admission> =>
			admitRuns(crypto.subtle, context, table(isKept), new Map(), [run], 'message');
		const [proof] = (await met(true)).forks;
		expect(proof?.clock).toBe(3);
		expect(proof && (await verifyFork(crypto.subtle, context, proof))).toBe(true);
		const unproven = await met(false);
		expect([unproven.forks, unproven.branches]).toEqual([[], [{ lane, clock: 3 }]]);
	});

	it('of a relay takes what stands between entries, and waits at the end', async () => {
		const { admitted, unexplained } = await admit(without(2, 3, 5), { named: 'any' });
		expect(unexplained).toEqual([{ lane, clock: 5 }]);
		expect(admitted[0]?.ids).toEqual([ids[0], ids[1], unknownId, ids[3], ids[4]]);
	});
});
