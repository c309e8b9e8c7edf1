import * as encoding from 'lib0/encoding';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { decodeUpdate, encodeUpdate, placeholder } from '../../../src/lib/protocol/guard/update';
import { entryKey } from '../../../src/lib/protocol/ids';
import {
	emptyAnswer,
	outboundFrames,
	readYjsFrame,
	stateVectorFrame,
	updateFrame
} from '../../../src/lib/replicas/yjs-frames';
import { soundLane } from './stored-group';

function frame(write: (encoder: encoding.Encoder) => void): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 0);
	write(encoder);
	return encoding.toUint8Array(encoder);
}

describe('frames of y-protocols', () => {
	it('reads what y-protocols writes', async () => {
		const { run } = await soundLane(3);
		const doc = new Y.Doc();
		Y.applyUpdate(doc, encodeUpdate([run]));
		const vector = readYjsFrame(frame((e) => syncProtocol.writeSyncStep1(e, doc)));
		expect(vector).toMatchObject({ ok: true, value: { type: 'state-vector' } });
		const answer = readYjsFrame(frame((e) => syncProtocol.writeSyncStep2(e, doc)));
		expect(answer.ok && answer.value.type === 'answer' && decodeUpdate(answer.value.update).ok).toBe(true);
	});

	it('is read by y-protocols', () => {
		expect(stateVectorFrame(new Map())).toEqual(frame((e) => syncProtocol.writeSyncStep1(e, new Y.Doc())));
		expect(emptyAnswer()).toEqual(frame((e) => syncProtocol.writeSyncStep2(e, new Y.Doc())));
	});

	it('lets out placeholders, and no list of what is deleted', async () => {
		const { run } = await soundLane(3);
		const doc = new Y.Doc();
		Y.applyUpdate(doc, encodeUpdate([run]));
		const updates: Uint8Array[] = [];
		doc.on('update', (update) => updates.push(update));
		doc.getMap('e').delete(entryKey(run.lane, 1));
		expect(updates.map((update) => outboundFrames(updateFrame(update), 1000))).toEqual([[]]);
		const [out, end] = outboundFrames(
			frame((e) => syncProtocol.writeSyncStep2(e, doc)),
			100_000
		);
		const read = readYjsFrame(out as Uint8Array);
		const holed = run.entries.map((entry, clock) => (clock === 1 ? placeholder : entry));
		expect(read.ok && read.value.type === 'update' && decodeUpdate(read.value.update)).toEqual({
			ok: true,
			value: [{ ...run, entries: holed }]
		});
		expect(end).toEqual(emptyAnswer());
	});

	it('lets no presence out, and cuts what is large into updates that together say the same', async () => {
		expect(outboundFrames(Uint8Array.of(1, 1, 0), 1000)).toEqual([]);
		expect(outboundFrames(Uint8Array.of(3), 1000)).toEqual([]);
		const { run } = await soundLane(40);
		const doc = new Y.Doc();
		Y.applyUpdate(doc, encodeUpdate([run]));
		const frames = outboundFrames(
			frame((e) => syncProtocol.writeSyncStep2(e, doc)),
			2_000
		);
		expect(frames.length).toBeGreaterThan(5);
		const copy = new Y.Doc();
		for (const each of frames) {
			const read = readYjsFrame(each);
			if (!read.ok || !('update' in read.value)) throw new Error('not an update');
			Y.applyUpdate(copy, read.value.update);
		}
		expect(Y.encodeStateVector(copy)).toEqual(Y.encodeStateVector(doc));
		expect(frames.at(-1)).toEqual(emptyAnswer());
	});

	it.each([
		[Uint8Array.of()],
		[Uint8Array.of(0)],
		[Uint8Array.of(0, 9, 0)],
		[Uint8Array.of(0, 0, 2, 1, 0)],
		[Uint8Array.of(0, 2, 200, 1, 0)]
	])('refuses %j', (bytes) => {
		expect(readYjsFrame(bytes).ok).toBe(false);
	});
});
