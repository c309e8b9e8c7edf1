/** How long a fold of a large group takes, through real records: 100 members and 1 000 control entries. */
import { performance } from 'node:perf_hooks';
import { Statements, foldAuthority, type ControlEntry } from '../../../src/lib/conversation/authority';
import { firstSettings } from '../../../src/lib/conversation/settings';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { conversationIdOf, laneOf } from '../../../src/lib/protocol/ids';
import {
	encodeFields,
	noAuthority,
	type GenesisRecord,
	type KnownRecord
} from '../../../src/lib/protocol/records';
import { SeededRandom } from '../seeded-random';

const members = 100;
const records = 1_000;
const repetitions = 20;

interface LargeGroup {
	readonly conversation: Uint8Array;
	readonly entries: readonly ControlEntry[];
}

function largeGroup(random: SeededRandom): LargeGroup {
	const entries: ControlEntry[] = [];
	const nextByLane = new Map<number, number>();
	const say = (lane: number, record: KnownRecord): Uint8Array => {
		const clock = nextByLane.get(lane) ?? 0;
		nextByLane.set(lane, clock + 1);
		const id = random.bytes(32);
		entries.push({ id: toBase64url(id), lane, clock, hlc: entries.length, record, sound: true });
		return id;
	};
	const begin = (account: Uint8Array, grant: Uint8Array, publicKey = random.bytes(32)): number => {
		const lane = laneOf(publicKey);
		say(lane, {
			type: 'lane',
			grant,
			account,
			device: random.bytes(32),
			agreement: random.bytes(32),
			deviceNumber: 1,
			deviceSignature: new Uint8Array(64),
			laneSignature: new Uint8Array(64)
		});
		return lane;
	};
	const [account, publicKey] = [random.bytes(32), random.bytes(32)];
	const genesis: GenesisRecord = {
		type: 'genesis',
		account,
		controlLanePublicKey: publicKey,
		commitment: random.bytes(32),
		salt: random.bytes(16)
	};
	const conversation = conversationIdOf(encodeFields(genesis));
	const founder = begin(account, conversation, publicKey);
	say(founder, genesis);
	say(founder, firstSettings(conversation, 'Large'));
	const lanes: { readonly lane: number; readonly grant: Uint8Array }[] = [];
	for (let i = 1; i < members; i++) {
		const added = random.bytes(32);
		const grant = say(founder, {
			type: 'add',
			auth: conversation,
			account: added,
			way: 'direct',
			subject: null
		});
		lanes.push({ lane: begin(added, grant), grant });
	}
	while (entries.length < records) {
		const { lane, grant } = random.pick(lanes);
		const kind = random.below(10);
		if (kind === 0) say(founder, { type: 'role', auth: conversation, grant, role: 'moderator', caps: [] });
		else if (kind === 1) say(lane, { type: 'leave' });
		else if (kind < 6)
			say(lane, {
				type: 'invite',
				auth: noAuthority,
				invitePublicKey: random.bytes(32),
				agreement: random.bytes(32),
				kind: 'open',
				expiresAtMs: 1,
				approval: false
			});
		else say(lane, { type: 'profile', name: `name ${entries.length}` });
	}
	return { conversation, entries };
}

/** Milliseconds: of the first fold, which reads the records, and the median of those after. */
export function foldTimesMs(): { readonly first: number; readonly again: number; readonly members: number } {
	const { conversation, entries } = largeGroup(new SeededRandom(1));
	const statements = new Statements(conversation);
	const times: number[] = [];
	let counted = 0;
	for (let i = 0; i < repetitions; i++) {
		const beganMs = performance.now();
		counted = foldAuthority(conversation, entries, statements).memberByAccount.size;
		times.push(performance.now() - beganMs);
	}
	const sorted = times.slice(1).sort((a, b) => a - b);
	const round = (ms: number): number => Math.round(ms * 100) / 100;
	return {
		first: round(times[0] as number),
		again: round(sorted[Math.floor(sorted.length / 2)] as number),
		members: counted
	};
}
