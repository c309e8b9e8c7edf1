import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAcknowledgement, encodeAcknowledgement } from '../../../src/lib/protocol/acknowledgement';
import { fromBase64url, toBase64url } from '../../../src/lib/protocol/base64url';
import { ByteWriter, decodeWith } from '../../../src/lib/protocol/bytes';
import { isSoundPoint } from '../../../src/lib/protocol/crypto';
import { decodeInviteLink, encodeInviteLink, type InviteLink } from '../../../src/lib/protocol/invite-link';
import { meetingSecretOf } from '../../../src/lib/protocol/meeting';
import { pad, padmeLength, unpad } from '../../../src/lib/protocol/padding';
import { classOf, decodeRecord, encodeRecord, isMessage } from '../../../src/lib/protocol/records';
import { decodeStateVector, encodeStateVector } from '../../../src/lib/protocol/state-vector';
import { decodeSyncFrame, encodeSyncFrame } from '../../../src/lib/protocol/sync-frames';
import { soundRecords } from '../../simulation/sound-records';
import { SeededRandom } from '../../simulation/seeded-random';

const number = fc.maxSafeNat();
const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
	fc.uint8Array({ minLength: length, maxLength: length });
const truncatedEverywhere = (bytes: Uint8Array): Uint8Array[] =>
	Array.from({ length: bytes.length }, (_, i) => bytes.subarray(0, i));

describe('numbers', () => {
	it('come back, and have one spelling', () => {
		fc.assert(
			fc.property(number, (value) => {
				const bytes = new ByteWriter().varuint(value).done();
				expect(decodeWith(bytes, (reader) => reader.varuint())).toEqual({ ok: true, value });
				const longer = bytes.slice(0, -1);
				const padded = Uint8Array.of(...longer, (bytes.at(-1) ?? 0) | 0x80, 0);
				expect(decodeWith(padded, (reader) => reader.varuint()).ok).toBe(false);
			})
		);
	});

	it('above 2^53 - 1 are refused', () => {
		const tooLarge = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10);
		expect(decodeWith(tooLarge, (reader) => reader.varuint())).toEqual({ ok: false, reason: 'varint' });
	});
});

describe('base64url', () => {
	it('comes back, and has one spelling', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
				const text = toBase64url(bytes);
				expect(fromBase64url(text)).toEqual({ ok: true, value: bytes });
				expect(text).toBe(Buffer.from(bytes).toString('base64url'));
			})
		);
		for (const text of ['A', 'AB', 'A+', 'AA==', 'Ä', 'AAB'])
			expect(fromBase64url(text).ok, text).toBe(false);
	});
});

describe('padding', () => {
	it('comes back, costs at most an eighth above the smallest, and has one form', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 2_000 }), (content) => {
				const padded = pad(content);
				expect(unpad(padded)).toEqual(content);
				expect(padded.length).toBeLessThanOrEqual(Math.max(32, Math.ceil((content.length + 1) * 1.125)));
				expect(() => unpad(Uint8Array.of(...padded, 0))).toThrow();
			})
		);
		expect(padmeLength(33)).toBeGreaterThan(32);
	});
});

describe('records', () => {
	const records = soundRecords(new SeededRandom(1));
	const deps = [{ lane: 2 ** 52, clock: 3, id: new Uint8Array(8) }];

	it('that people read as messages are those that say one, or say one again', () => {
		const types = records.filter(isMessage).map(({ type }) => type);
		expect(new Set(types)).toEqual(new Set(['message', 'again']));
	});

	it.each(records.map((record) => [record.type, record] as const))(
		'%s comes back; cut or lengthened it is refused',
		(type, record) => {
			const bytes = encodeRecord({ hlc: 1_800_000_000_000 * 1024, deps, record });
			expect(decodeRecord(bytes, classOf(type))).toEqual({
				ok: true,
				value: { hlc: 1_800_000_000_000 * 1024, deps, record }
			});
			for (const cut of truncatedEverywhere(bytes)) expect(decodeRecord(cut, classOf(type)).ok).toBe(false);
			expect(decodeRecord(Uint8Array.of(...bytes, 0), classOf(type))).toEqual({
				ok: false,
				reason: 'trailing'
			});
		}
	);

	it('count only in their class', () => {
		for (const record of records) {
			for (const other of (['lane', 'control', 'message'] as const).filter(
				(each) => each !== classOf(record.type)
			)) {
				expect(decodeRecord(encodeRecord({ hlc: 1, deps: [], record }), other)).toEqual({
					ok: false,
					reason: 'type'
				});
			}
		}
	});

	it('hold 16 KiB of text and no more, neither writing nor reading', () => {
		const fits = { hlc: 1, deps: [], record: { type: 'message', text: 'a'.repeat(16 * 1024) } } as const;
		expect(decodeRecord(encodeRecord(fits), 'message').ok).toBe(true);
		const tooLong = 'a'.repeat(17 * 1024);
		expect(() => encodeRecord({ ...fits, record: { type: 'message', text: tooLong } })).toThrow(RangeError);
		const forged = new ByteWriter().u8(16).varuint(1).u8(0).u8(0).text(tooLong).done();
		expect(decodeRecord(forged, 'message')).toEqual({ ok: false, reason: 'length' });
	});

	it('of types that are not known yet are kept', () => {
		expect(decodeRecord(Uint8Array.of(99, 1, 0, 7, 7), 'message')).toEqual({
			ok: true,
			value: { hlc: 1, deps: [], record: { type: 'unknown', number: 99 } }
		});
	});

	it('name at most four others, in valid UTF-8', () => {
		expect(decodeRecord(Uint8Array.of(16, 1, 5), 'message')).toEqual({ ok: false, reason: 'length' });
		expect(decodeRecord(Uint8Array.of(16, 1, 0, 0, 2, 0xc3, 0x28), 'message')).toEqual({
			ok: false,
			reason: 'utf8'
		});
	});
});

describe('what replicas tell each other', () => {
	const head = fc.record({ lane: number, clock: number, id: bytesOf(8) });

	it('acknowledgements, state vectors and frames come back', () => {
		fc.assert(
			fc.property(fc.array(head, { maxLength: 20 }), (heads) => {
				expect(decodeAcknowledgement(encodeAcknowledgement(heads))).toEqual({ ok: true, value: heads });
				const vector = new Map(heads.map(({ lane, clock }) => [lane, clock]));
				expect(decodeStateVector(encodeStateVector(vector))).toEqual({ ok: true, value: vector });
				const pull = {
					type: 'pull',
					segment: 3,
					heads: heads.map(({ lane, clock, id }) => ({ lane, next: clock, id }))
				} as const;
				expect(decodeSyncFrame(encodeSyncFrame(pull))).toEqual({ ok: true, value: pull });
			})
		);
	});

	it('a state vector with one lane twice is refused', () => {
		expect(decodeStateVector(Uint8Array.of(2, 5, 1, 5, 2))).toEqual({ ok: false, reason: 'range' });
	});
});

describe('invite links', () => {
	const conversation = new Uint8Array(32).fill(1);
	const epochSecret = new Uint8Array(32).fill(2);
	const first: InviteLink = {
		conversation,
		epochSecret,
		epochKind: 'secret',
		meeting: meetingSecretOf(conversation, epochSecret),
		seed: new Uint8Array(32).fill(3),
		segment: 4,
		expiresAtMs: 1_800_000_000_000,
		groupName: 'Wanderung 🏔️',
		kind: 'open'
	};
	const later: InviteLink = { ...first, epochKind: 'control', meeting: new Uint8Array(16).fill(5) };

	it.each([
		['of the first epoch', first],
		['of a later one', later]
	])('%s come back, with and without "#"; with any one letter changed they are refused', (_, link) => {
		const text = encodeInviteLink(link);
		expect(decodeInviteLink(text)).toEqual({ ok: true, value: link });
		expect(decodeInviteLink('#' + text)).toEqual({ ok: true, value: link });
		for (let i = 0; i < text.length; i++) {
			const changed = text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1);
			expect(decodeInviteLink(changed).ok, `letter ${i}`).toBe(false);
		}
		const personal = { ...link, kind: 'personal' } as const;
		expect(decodeInviteLink(encodeInviteLink(personal))).toEqual({ ok: true, value: personal });
		const other = text.startsWith('1') ? '2' : '1';
		expect(decodeInviteLink(other + text.slice(1))).toEqual({ ok: false, reason: 'invite-broken' });
		expect(decodeInviteLink('3' + text.slice(1))).toEqual({ ok: false, reason: 'invite-other-version' });
	});

	it('of a later epoch are a little longer', () => {
		expect(encodeInviteLink(later).length - encodeInviteLink(first).length).toBe(22);
	});
});

describe('points on which engines disagree', () => {
	it('are refused: small order with either sign, and y not reduced', () => {
		const identity = new Uint8Array(32);
		identity[0] = 1;
		const identitySigned = identity.slice();
		identitySigned[31] = 0x80;
		const notReduced = new Uint8Array(32).fill(0xff);
		notReduced[0] = 0xee;
		notReduced[31] = 0x7f;
		for (const point of [new Uint8Array(32), identity, identitySigned, notReduced, new Uint8Array(31)]) {
			expect(isSoundPoint(point)).toBe(false);
		}
		expect(isSoundPoint(new Uint8Array(32).fill(9))).toBe(true);
	});
});
