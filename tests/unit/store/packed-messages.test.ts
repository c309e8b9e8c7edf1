import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainlySaid } from '../../../src/lib/store/as-said';
import { packBatch, unpackBatch } from '../../../src/lib/store/packed-messages';

const number = fc.nat(Number.MAX_SAFE_INTEGER);
const row = fc
	.record({
		conversation: fc.constantFrom('talk', 'other'),
		author: fc.constantFrom('Anna', 'talk', ''),
		segment: number,
		lane: number,
		clock: number,
		time: number,
		sentAtMs: number,
		id: fc.string(),
		// Lone surrogates, line ends and what no Latin script has.
		text: fc.string({ unit: 'binary' }),
		own: fc.boolean()
	})
	.map((fields) => ({ ...plainlySaid, ...fields }));

it('a batch comes out of the package as it went in, across the border of a worker', () => {
	fc.assert(
		fc.property(fc.array(row), (messages) => {
			const cursors = [{ conversation: 'talk', segment: 1, lane: 2, next: 3 }];
			const packed = packBatch({ messages, cursors });
			const received = structuredClone(packed, { transfer: [packed.messages.numbers.buffer] });
			expect(unpackBatch(received)).toEqual({ messages, cursors });
		})
	);
	expect(unpackBatch(packBatch({}))).toEqual({ messages: [] });
});
