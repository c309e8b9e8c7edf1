/** What an entry is, byte by byte, and with which keys it opens (protocol 3.1). Each test has a lane of its own. */
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/lib/protocol/bytes';
import { sha256, sign, type Bytes } from '../../../src/lib/protocol/crypto';
import {
	controlEntryLimitBytes,
	createEntry,
	entryIdOf,
	epochOf,
	messageEntryLimitBytes,
	openEntry,
	opens,
	parseEntry,
	prevOf,
	signatureOf,
	signedDigestOf,
	type EntryClass
} from '../../../src/lib/protocol/entry';
import { controlSecretOf, deriveControlKeys, type EpochControlKeys } from '../../../src/lib/protocol/epoch';
import { pad } from '../../../src/lib/protocol/padding';
import { must } from '../../must';
import { LaneWriter, crypto, newSegment, type Segment } from '../relay/lane-writer';

const { subtle } = crypto;
const malformed = (reason: string): object => ({ ok: false, reason });
const record = Uint8Array.of(1, 2, 3);

async function lane(count: number) {
	const segment = await newSegment();
	const writer = await LaneWriter.create(segment);
	await writer.write(count);
	return { segment, writer, entries: writer.entries };
}

/** As a device holds them to which only is open who is a member. */
const controlKeys = (): Promise<EpochControlKeys> =>
	deriveControlKeys(subtle, new Uint8Array(32), controlSecretOf(new Uint8Array(32)));

/** @returns an entry at clock 1 of the lane */
const draftIn = ({ segment, writer }: { readonly segment: Segment; readonly writer: LaneWriter }) => ({
	place: { context: segment.context, lane: writer.lane, clock: 1 },
	prev: new Uint8Array(32),
	record,
	lanePublicKey: writer.signing.publicKey,
	lanePrivateKey: writer.signing.privateKey
});

/** What seal and signature bind besides: label, context, lane and clock, each at its width. */
function boundTo({ context }: Segment, lane: number, clock: number): Bytes {
	const numbers = new DataView(new ArrayBuffer(12));
	numbers.setBigUint64(0, BigInt(lane));
	numbers.setUint32(8, clock);
	return concatBytes(new TextEncoder().encode('e/1'), context, new Uint8Array(numbers.buffer));
}

describe('an entry', () => {
	it('is laid out as the protocol says', async () => {
		const { segment, writer, entries } = await lane(2);
		const [first, second] = entries as [Uint8Array, Uint8Array];
		const { publicKey } = writer.signing;
		const { header, headerBytes, sealed, signature } = must(parseEntry(first, 0));
		expect(header.class).toBe('lane');
		expect(header.lanePublicKey).toEqual(publicKey);
		expect(concatBytes(headerBytes, sealed, signature)).toEqual(first);
		expect([...headerBytes.subarray(0, 3)]).toEqual([1, 1, 0]);
		expect(headerBytes).toHaveLength(3 + 16 + 32 + 32 + 12 + 32);
		expect(epochOf(second)).toEqual(segment.keys.id);
		expect(prevOf(second)).toEqual(sha256(first));
		expect(entryIdOf(first)).toEqual(sha256(first));
		expect(signatureOf(second)).toEqual(second.slice(-64));
		expect(signedDigestOf(second)).toEqual(sha256(second.slice(0, -64)));
		const next = parseEntry(second, 1);
		expect(next).toMatchObject({ ok: true, value: { header: { class: 'message', lanePublicKey: null } } });
	});

	it('is refused by its size, version, class and place', async () => {
		const [first, second] = (await lane(2)).entries as [Uint8Array, Uint8Array];
		const changed = (at: number, value: number): Uint8Array => {
			const copy = second.slice();
			copy[at] = value;
			return copy;
		};
		/** A header of this class, with so many bytes behind it. */
		const long = (entryClass: number, length: number): Uint8Array =>
			concatBytes(changed(2, entryClass).subarray(0, 95), new Uint8Array(length - 95));
		const rows: readonly [Uint8Array, number, string | null][] = [
			[changed(0, 2), 1, 'version'],
			[changed(1, 2), 1, 'version'],
			[changed(2, 3), 1, 'type'],
			[changed(2, 0), 1, 'entry-class'],
			[second, 0, 'entry-class'],
			[first, 1, 'entry-class'],
			[long(2, messageEntryLimitBytes), 1, null],
			[long(2, messageEntryLimitBytes + 1), 1, 'entry-size'],
			[long(1, messageEntryLimitBytes + 1), 1, null],
			[long(1, controlEntryLimitBytes), 1, null],
			[long(1, controlEntryLimitBytes + 1), 1, 'entry-size'],
			[long(1, 95 + 48 + 64), 1, null],
			[long(1, 95 + 47 + 64), 1, 'truncated']
		];
		for (const [bytes, clock, reason] of rows) {
			const parsed = parseEntry(bytes, clock);
			expect(parsed.ok ? null : parsed.reason).toBe(reason);
		}
	});

	it('is sealed and signed for its place, under the label that the protocol gives it', async () => {
		const at = await lane(0);
		const { segment, writer } = at;
		const { bytes } = await createEntry(crypto, segment.keys, { ...draftIn(at), class: 'message' });
		const { header, headerBytes, sealed, signature } = must(parseEntry(bytes, 1));
		const place = boundTo(segment, writer.lane, 1);
		const additionalData = concatBytes(place, headerBytes);
		const algorithm = { name: 'AES-GCM', iv: header.nonce as Bytes, additionalData };
		const opened = await subtle.decrypt(algorithm, segment.keys.messageKey, sealed as Bytes);
		expect(new Uint8Array(opened)).toEqual(pad(record));
		const digest = sha256(concatBytes(headerBytes, sealed));
		const byHand = await sign(subtle, writer.signing.privateKey, concatBytes(place, digest));
		expect(signature).toEqual(byHand);
	});

	it('whose record is not padded as all are is refused', async () => {
		const at = await lane(0);
		const { segment, writer } = at;
		const draft = draftIn(at);
		const { bytes } = await createEntry(crypto, segment.keys, { ...draft, class: 'message' });
		const { header, headerBytes } = must(parseEntry(bytes, 1));
		const additionalData = concatBytes(boundTo(segment, writer.lane, 1), headerBytes);
		const algorithm = { name: 'AES-GCM', iv: header.nonce as Bytes, additionalData };
		const sealed = await subtle.encrypt(algorithm, segment.keys.messageKey, new Uint8Array(32));
		const changed = concatBytes(headerBytes, new Uint8Array(sealed), new Uint8Array(64));
		expect(await openEntry(subtle, segment.keys, draft.place, changed)).toEqual(malformed('padding'));
	});

	it('opens with the key for its class alone', async () => {
		const at = await lane(0);
		const { keys } = at.segment;
		const draft = draftIn(at);
		for (const entryClass of ['control', 'message'] as const) {
			const { bytes, id } = await createEntry(crypto, keys, { ...draft, class: entryClass });
			expect(id).toEqual(sha256(bytes));
			expect(await openEntry(subtle, keys, draft.place, bytes)).toEqual({ ok: true, value: record });
			const swapped = bytes.slice();
			swapped[2] = entryClass === 'control' ? 2 : 1;
			expect(await openEntry(subtle, keys, draft.place, swapped)).toEqual(malformed('entry-sealed'));
		}
		expect(await openEntry(subtle, keys, draft.place, Uint8Array.of(1))).toEqual(malformed('truncated'));
	});

	it('of a message is neither opened nor made with what tells only who is a member', async () => {
		const at = await lane(0);
		const keys = await controlKeys();
		const draft = draftIn(at);
		const make = (entryClass: EntryClass) => createEntry(crypto, keys, { ...draft, class: entryClass });
		expect([opens(at.segment.keys, 'message'), opens(keys, 'message'), opens(keys, 'control')]).toEqual([
			true,
			false,
			true
		]);
		const { bytes } = await make('control');
		expect(await openEntry(subtle, keys, draft.place, bytes)).toEqual({ ok: true, value: record });
		await expect(make('message')).rejects.toThrow('not open to this device');
		const message = await createEntry(crypto, at.segment.keys, { ...draft, class: 'message' });
		const opened = await openEntry(subtle, keys, draft.place, message.bytes);
		expect(opened).toEqual(malformed('entry-sealed'));
	});
});
