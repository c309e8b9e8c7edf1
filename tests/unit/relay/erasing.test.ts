/** What is deleted goes from the relay's disk, for whoever shows that they belong to its epoch (docs/decisions/0027). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LmdbStorage } from '../../../relay/lmdb-storage';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { entryIdOf, parseEntry } from '../../../src/lib/protocol/entry';
import { encodeErase, eraseMessageType } from '../../../src/lib/protocol/erase';
import { eraseToken } from '../../../src/lib/protocol/epoch';
import { isPlaceholder, placeholder } from '../../../src/lib/protocol/guard/update';
import { LaneWriter, newSegment } from './lane-writer';
import { DocumentClient, eventually, metric, newFolder, startTestRelay, updateFrame } from './test-relay';
import { writtenDocument } from './written-document';

async function scene() {
	const folder = newFolder();
	const relay = await startTestRelay({ folder, storage: new LmdbStorage(folder) });
	const { segment, writer, client } = await writtenDocument(relay, 60);
	const tokenOf = (clock: number): Uint8Array => {
		const parsed = parseEntry(writer.entries[clock] as Uint8Array, clock);
		if (!parsed.ok) throw new Error(parsed.reason);
		return eraseToken(segment.keys, segment.context, parsed.value.header.nonce);
	};
	const erase = (clock: number, token = tokenOf(clock)): void => {
		const body = encodeErase([{ lane: writer.lane, clock, token }]);
		client.socket.send(new ByteWriter().varuint(eraseMessageType).raw(body).done());
	};
	/** Whether the sealed bytes of an entry stand anywhere in the relay's file, read past LMDB. */
	const isOnDisk = (clock: number): boolean =>
		readFileSync(join(folder, 'data.mdb')).includes(
			Buffer.from(writer.entries[clock] as Uint8Array).subarray(170, 234)
		);
	return { relay, segment, writer, client, erase, tokenOf, isOnDisk };
}

describe('erasing', () => {
	it('takes the bytes from the file itself, and serves a placeholder from then on', async () => {
		const { relay, segment, writer, client, erase, isOnDisk } = await scene();
		const clocks = [1, 30, 59];
		for (const clock of clocks) expect(isOnDisk(clock)).toBe(true);
		for (const clock of clocks) {
			erase(clock);
			expect((await client.nextOf('erased')).places).toEqual([{ lane: writer.lane, clock }]);
		}
		for (const clock of clocks) expect(isOnDisk(clock)).toBe(false);
		expect(isOnDisk(2)).toBe(true);
		const reader = await DocumentClient.open(relay, segment);
		const frames = await reader.synchronise();
		const held = reader.entriesByLane.get(writer.lane) ?? [];
		expect(held.map(isPlaceholder)).toEqual(writer.entries.map((_, clock) => clocks.includes(clock)));
		// It still says which entry it was, at the end of the lane too.
		const heads = frames.flatMap((frame) => (frame.kind === 'acknowledgement' ? frame.heads : []));
		expect(heads[0]?.id).toEqual(entryIdOf(writer.entries[59] as Uint8Array).subarray(0, 8));
		expect(await metric(relay, 'entries_erased_total')).toBe(3);
	});

	it('is acknowledged again, and what was erased does not come back', async () => {
		const { relay, segment, writer, client, erase, isOnDisk } = await scene();
		for (let i = 0; i < 2; i++) {
			erase(7);
			await client.nextOf('erased');
		}
		client.socket.send(updateFrame(writer.run()));
		client.socket.send(updateFrame(await writer.write(1)));
		await client.acknowledged(writer.lane, 60);
		expect(isOnDisk(7)).toBe(false);
		const reader = await DocumentClient.open(relay, segment);
		await reader.synchronise();
		expect(reader.entriesByLane.get(writer.lane)?.[7]).toEqual(placeholder);
	});

	it('is nothing for who has another token, names what is not there, or the beginning of a lane', async () => {
		const { relay, erase, tokenOf, isOnDisk } = await scene();
		erase(5, tokenOf(6));
		erase(0);
		erase(70, tokenOf(5));
		await eventually(async () =>
			expect(await metric(relay, 'rejected_total', { reason: 'erase-unknown' })).toBe(2)
		);
		expect(await metric(relay, 'rejected_total', { reason: 'erase-token' })).toBe(1);
		for (const clock of [0, 5, 6]) expect(isOnDisk(clock)).toBe(true);
	});
});

describe('a relay that never had an entry', () => {
	it('takes the lane without it, as far as what stands upon it tells which it was', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const client = await DocumentClient.open(relay, segment);
		await client.synchronise();
		const { lane, start, entries } = await writer.write(6);
		const holed = entries.map((entry, clock) => ([2, 3, 5].includes(clock) ? placeholder : entry));
		client.socket.send(updateFrame({ lane, start, entries: holed }));
		await client.acknowledged(lane, 4);
		const reader = await DocumentClient.open(relay, segment);
		await reader.synchronise();
		expect(reader.entriesByLane.get(lane)).toEqual(holed.slice(0, 5));
		client.socket.send(
			updateFrame({
				...(await writer.write(1)),
				start: 5,
				entries: [placeholder, ...writer.entries.slice(6)]
			})
		);
		await client.acknowledged(lane, 6);
	});
});
