/**
 * What somebody who is no member, but can reach a device or the relay, may send as an update: the attacks that plain
 * Yjs falls for (research/security, 2.1), entries under wrong keys, junk lanes, gaps, replays and noise.
 */
import * as Y from 'yjs';
import { firstSettings } from '../../src/lib/conversation/settings';
import { ByteWriter } from '../../src/lib/protocol/bytes';
import { sha256, type CryptoPort, type SigningKeys } from '../../src/lib/protocol/crypto';
import { createEntry } from '../../src/lib/protocol/entry';
import type { EpochKeys } from '../../src/lib/protocol/epoch';
import { decodeUpdate, encodeUpdate, type LaneRun } from '../../src/lib/protocol/guard/update';
import { contextOf, laneOf } from '../../src/lib/protocol/ids';
import { certifyLane } from '../../src/lib/protocol/certificates';
import { encodeRecord } from '../../src/lib/protocol/records';
import { newAccount } from '../new-account';
import type { SeededRandom } from './seeded-random';

/** A document as the attacker has seen it. */
export interface Seen {
	readonly conversation: Uint8Array;
	readonly segment: number;
	/** A whole sound update of it. */
	readonly update: Uint8Array;
	/** Of the conversation, for those who have stolen a link and joined nothing. */
	readonly keys: EpochKeys;
	/** Another sound update: of another segment, or of another conversation. */
	readonly elsewhere: Uint8Array;
}

type Attack = (seen: Seen, random: SeededRandom, crypto: CryptoPort) => Promise<Uint8Array> | Uint8Array;

const runsOf = (update: Uint8Array): readonly LaneRun[] => {
	const runs = decodeUpdate(update);
	return runs.ok ? runs.value : [];
};

const victimOf = (
	seen: Seen,
	random: SeededRandom
): { lane: number; next: number; last: Uint8Array | null } => {
	const runs = runsOf(seen.update);
	if (runs.length === 0) return { lane: random.below(2 ** 31), next: 1, last: null };
	const run = random.pick(runs);
	return { lane: run.lane, next: run.start + run.entries.length, last: run.entries.at(-1) ?? null };
};

async function signedEntry(
	crypto: CryptoPort,
	keys: EpochKeys,
	seen: Seen,
	place: { lane: number; clock: number },
	signer: SigningKeys,
	claimed: Uint8Array,
	prev: Uint8Array,
	text: string
): Promise<Uint8Array> {
	const record = encodeRecord({ hlc: 1, deps: [], record: { type: 'message', text } });
	const entry = await createEntry(crypto, keys, {
		place: { context: contextOf(seen.conversation, seen.segment), ...place },
		class: place.clock === 0 ? 'lane' : 'message',
		prev,
		record,
		lanePublicKey: claimed,
		lanePrivateKey: signer.privateKey
	});
	return entry.bytes;
}

/** A lane that is sound in itself, of somebody whom nobody has let in. */
async function strangersLane(
	seen: Seen,
	crypto: CryptoPort,
	random: SeededRandom,
	length: number
): Promise<LaneRun> {
	const { certificate, devicePrivateKey } = await newAccount(crypto);
	const lane = await crypto.generateSigningKeys();
	const context = contextOf(seen.conversation, seen.segment);
	// The founder's grant is the conversation's id, and known to whoever has a link.
	const grant = random.chance(0.5) ? seen.conversation : random.bytes(32);
	const record = await certifyLane(crypto, certificate, devicePrivateKey, context, lane.publicKey, grant);
	const number = laneOf(lane.publicKey);
	const entries: Uint8Array[] = [];
	let prev = new Uint8Array(32);
	for (let clock = 0; clock < length; clock++) {
		const entry = await createEntry(crypto, seen.keys, {
			place: { context, lane: number, clock },
			class: clock === 0 ? 'lane' : seen.segment === 0 ? 'control' : 'message',
			prev,
			record: encodeRecord({
				hlc: 1,
				deps: [],
				record:
					clock === 0
						? record
						: seen.segment === 0
							? firstSettings(record.grant, 'FORGED')
							: { type: 'message', text: 'FORGED' }
			}),
			lanePublicKey: lane.publicKey,
			lanePrivateKey: lane.privateKey
		});
		entries.push(entry.bytes);
		prev = entry.id;
	}
	return { lane: number, start: 0, entries };
}

export const attacks: Readonly<Record<string, Attack>> = {
	deleteSet: (seen, random) => {
		const { lane, next } = victimOf(seen, random);
		return new ByteWriter().varuint(0).varuint(1).varuint(lane).varuint(1).varuint(0).varuint(next).done();
	},
	garbageCollected: (seen, random) => {
		const { lane } = victimOf(seen, random);
		return new ByteWriter()
			.varuint(1)
			.varuint(1)
			.varuint(lane)
			.varuint(0)
			.u8(0)
			.varuint(1_000_000)
			.varuint(0)
			.done();
	},
	skip: (seen, random) => {
		const { lane, next } = victimOf(seen, random);
		return new ByteWriter()
			.varuint(1)
			.varuint(1)
			.varuint(lane)
			.varuint(next)
			.u8(10)
			.varuint(5)
			.varuint(0)
			.done();
	},
	squat: (seen, random) => {
		const { lane } = victimOf(seen, random);
		const doc = new Y.Doc();
		Y.applyUpdate(doc, seen.update);
		doc.clientID = lane;
		doc.getMap('e').set('x', 'EVIL');
		return Y.encodeStateAsUpdate(doc);
	},
	overwrite: (seen) => {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, seen.update);
		doc.clientID = 7;
		const entries = doc.getMap('e');
		const key = [...entries.keys()][0];
		if (key !== undefined) entries.set(key, new Uint8Array(3));
		return Y.encodeStateAsUpdate(doc);
	},
	bitFlips: (seen, random) => {
		const bytes = seen.update.slice();
		for (let i = 0; i <= random.below(3); i++)
			if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
		return bytes;
	},
	truncated: (seen, random) => seen.update.slice(0, random.below(seen.update.length + 1)),
	trailing: (seen, random) =>
		new ByteWriter()
			.raw(seen.update)
			.raw(random.bytes(1 + random.below(4)))
			.done(),
	noise: (_seen, random) => random.bytes(random.below(60)),
	versionTwo: (seen, random) => {
		const doc = new Y.Doc();
		doc.clientID = 1 + random.below(1_000);
		Y.applyUpdate(doc, seen.update);
		const bytes = Y.encodeStateAsUpdateV2(doc);
		return random.chance(0.5) ? bytes : bytes.slice(0, 21);
	},
	wrongKey: async (seen, random, crypto) => {
		const { lane, next, last } = victimOf(seen, random);
		const thief = await crypto.generateSigningKeys();
		const prev = last === null ? new Uint8Array(32) : sha256(last.subarray(0, -64));
		const entry = await signedEntry(
			crypto,
			seen.keys,
			seen,
			{ lane, clock: next },
			thief,
			thief.publicKey,
			prev,
			'FORGED'
		);
		return encodeUpdate([{ lane, start: next, entries: [entry] }]);
	},
	wrongLaneKey: async (seen, random, crypto) => {
		const thief = await crypto.generateSigningKeys();
		const { lane } = victimOf(seen, random);
		const entry = await signedEntry(
			crypto,
			seen.keys,
			seen,
			{ lane, clock: 0 },
			thief,
			thief.publicKey,
			new Uint8Array(32),
			'FORGED'
		);
		return encodeUpdate([{ lane, start: 0, entries: [entry] }]);
	},
	badSignatureInRun: (seen, random) => {
		const runs = runsOf(seen.update).map((run) => ({
			...run,
			entries: run.entries.map((entry) => entry.slice())
		}));
		const run = runs.length > 0 ? random.pick(runs) : undefined;
		const entry = run && random.pick(run.entries);
		if (entry !== undefined) entry[entry.length - 1 - random.below(64)]! ^= 1 << random.below(8);
		return encodeUpdate(runs);
	},
	replay: (seen) => seen.elsewhere,
	gap: async (seen, random, crypto) => {
		const run = await strangersLane(seen, crypto, random, 3);
		return encodeUpdate([{ lane: run.lane, start: 2, entries: run.entries.slice(2) }]);
	},
	gapFlood: async (seen, random) => {
		const { lane, last } = victimOf(seen, random);
		const entry = last ?? random.bytes(300);
		const runs = Array.from({ length: 50 }, (_, i) => ({
			lane: lane + 1 + i,
			start: 1 + random.below(1_000),
			entries: [entry]
		}));
		return encodeUpdate(runs);
	},
	strangersLane: async (seen, random, crypto) => encodeUpdate([await strangersLane(seen, crypto, random, 2)]),
	junkLanes: async (seen, random, crypto) => {
		const first = await strangersLane(seen, crypto, random, 1);
		const entry = first.entries[0] as Uint8Array;
		const runs = Array.from({ length: 70 }, (_, i) => ({ lane: first.lane + i, start: 0, entries: [entry] }));
		return encodeUpdate(runs);
	},
	strangersFork: async (seen, random, crypto) => {
		// Two branches of a lane of nobody's, one after the other in time: whoever publishes proofs of it works for free.
		const account = await crypto.generateSigningKeys();
		const place = { lane: laneOf(account.publicKey), clock: 0 };
		const entry = await signedEntry(
			crypto,
			seen.keys,
			seen,
			place,
			account,
			account.publicKey,
			random.bytes(32),
			'FORGED'
		);
		return encodeUpdate([{ lane: place.lane, start: 0, entries: [entry] }]);
	}
};
