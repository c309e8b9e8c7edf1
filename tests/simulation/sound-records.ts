/** One record of each type at least, with every part that it may have: for tests and for what is spoilt on purpose. */
import { compareBytes } from '../../src/lib/protocol/bytes';
import type { KnownRecord } from '../../src/lib/protocol/records';
import type { SeededRandom } from './seeded-random';

const sorted = (ids: readonly Uint8Array[]): Uint8Array[] => [...ids].sort(compareBytes);

function soundAuthorityRecords(random: SeededRandom): readonly KnownRecord[] {
	const b = (length: number): Uint8Array => random.bytes(length);
	const caps = [
		{ segment: 0, lane: 5, clock: 300, id: b(16) },
		{ segment: 0, lane: 2 ** 52, clock: 0, id: b(16) },
		{ segment: 3, lane: 7, clock: 9_999, id: b(16) }
	];
	const seals = [1, 2].map(() => ({ recipient: b(8), encapsulated: b(32), ciphertext: b(48) }));
	const parents = sorted([b(16), b(16)]);
	const links = parents.map((id, i) => ({ epoch: id, control: b(48), secret: i === 0 ? b(48) : null }));
	const epoch = { newcomers: 'secret', parents, commitment: b(32), seals } as const;
	return [
		{ type: 'add', auth: b(32), account: b(32), way: 'direct', subject: null },
		{ type: 'add', auth: b(32), account: b(32), way: 'personal', subject: b(32) },
		{ type: 'role', auth: b(32), grant: b(32), role: 'moderator', caps },
		{ type: 'remove', auth: b(32), grants: sorted([b(32), b(32)]), caps, epoch },
		{ type: 'remove', auth: b(32), grants: [b(32)], caps: [], epoch: null },
		{
			type: 'owner',
			seat: b(32),
			account: b(32),
			grant: b(32),
			lane: 2 ** 53 - 1,
			consent: b(32),
			caps,
			signature: b(64)
		},
		{ type: 'offer', seat: b(32), grant: b(32) },
		{ type: 'consent', seat: b(32) },
		{ type: 'handover', tenure: b(32), account: b(32), counter: 2, lane: 77, caps, signature: b(64) },
		{
			type: 'invite',
			auth: b(32),
			invitePublicKey: b(32),
			agreement: b(32),
			kind: 'personal',
			expiresAtMs: 1_800_000_000_000,
			approval: true
		},
		{ type: 'invite-close', auth: b(32), invitePublicKey: b(32), joins: sorted([b(32), b(32), b(32)]) },
		{ type: 'device-remove', account: b(32), device: b(32), caps, signature: b(64) },
		{ type: 'device-remove', account: b(32), device: b(32), caps, signature: null },
		{ type: 'epoch', ...epoch },
		{ type: 'seal', epoch: b(16), kind: 'control', seals },
		{ type: 'past', epoch: b(16), links },
		{ type: 'greeting', encapsulated: b(32), ciphertext: b(64) },
		{ type: 'unopened', recipient: b(8), epochs: sorted([b(16), b(16)]) },
		{
			type: 'settings',
			auth: b(32),
			name: 'A group',
			description: 'Grüße',
			picture: b(32),
			whoMayPost: 'moderators',
			whoMayInvite: 'owner',
			approval: true,
			history: 'since-join',
			accepted: sorted([b(32), b(32)])
		}
	];
}

function soundContentRecords(random: SeededRandom): readonly KnownRecord[] {
	const b = (length: number): Uint8Array => random.bytes(length);
	const poll = { options: ['Rom', 'Oslo', 'Zürich'], several: true };
	const everything = {
		text: 'Wohin?',
		reply: b(32),
		thread: b(32),
		mentions: sorted([b(32), b(32)]),
		everyone: true,
		forwarded: true,
		poll,
		expiresAfterS: 3600
	};
	return [
		{ type: 'message', ...everything },
		{ type: 'message', text: 'Wann?', poll: { options: ['Ja', 'Nein'], several: false } },
		{ type: 'message', text: 'Ja', reply: b(32) },
		{ type: 'again', origin: b(32), text: 'again' },
		{ type: 'again', origin: b(32), ...everything },
		{ type: 'edit', target: b(32), text: 'besser', mentions: sorted([b(32), b(32), b(32)]) },
		{ type: 'edit', target: b(32), text: 'am besten', mentions: [] },
		{ type: 'reaction', target: b(32), emoji: '👩🏽‍🚀', on: true },
		{ type: 'pin', target: b(32), on: false },
		{ type: 'vote', target: b(32), choices: [0, 3, 11] },
		{ type: 'vote', target: b(32), choices: [] }
	];
}

export function soundRecords(random: SeededRandom): readonly KnownRecord[] {
	const b = (length: number): Uint8Array => random.bytes(length);
	return [
		{
			type: 'lane',
			grant: b(32),
			account: b(32),
			device: b(32),
			agreement: b(32),
			deviceNumber: 3,
			deviceSignature: b(64),
			laneSignature: b(64)
		},
		{ type: 'genesis', account: b(32), controlLanePublicKey: b(32), commitment: b(32), salt: b(16) },
		{ type: 'join', invitePublicKey: b(32), account: b(32), signature: b(64) },
		...soundAuthorityRecords(random),
		{ type: 'profile', name: 'Änne' },
		{ type: 'direct', accounts: sorted([b(32), b(32)]) },
		{ type: 'leave' },
		{
			type: 'fork',
			segment: 1,
			clock: 7,
			publicKey: b(32),
			digests: [b(32), b(32)],
			signatures: [b(64), b(64)]
		},
		{
			type: 'delete',
			auth: b(32),
			targets: [
				{ segment: 1, lane: 2 ** 52, clock: 1, id: b(32) },
				{ segment: 7, lane: 5, clock: 70_000, id: b(32) }
			]
		},
		{ type: 'message', text: 'Grüße 👋 '.repeat(1 + random.below(20)) },
		...soundContentRecords(random),
		{ type: 'timer', auth: b(32), afterS: 7 * 24 * 60 * 60, replaces: [b(32)] }
	];
}
