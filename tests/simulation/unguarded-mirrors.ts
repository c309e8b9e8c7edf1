/** The control of the experiment: the same traffic on plain Yjs documents, one for each device and segment. */
import * as Y from 'yjs';
import { equalBytes } from '../../src/lib/protocol/bytes';

export class UnguardedMirrors<Device> {
	readonly #docsByDevice = new Map<Device, Map<number, Y.Doc>>();
	#thrown = 0;

	get thrown(): number {
		return this.#thrown;
	}

	apply(device: Device, segment: number, update: Uint8Array): void {
		try {
			Y.applyUpdate(this.#doc(device, segment), update);
		} catch {
			// What Yjs makes of hostile bytes is what the control shows.
			this.#thrown++;
		}
	}

	/** Lets the mirrors sync as Yjs does, and counts the entries that some mirror has not, or has changed. */
	countLost(segment: number, entries: ReadonlyMap<string, Uint8Array>): number {
		const docs = [...this.#docsByDevice.keys()].map((device) => this.#doc(device, segment));
		// Through one in the middle: two steps bring everything to everybody.
		const middle = new Y.Doc();
		for (const doc of docs) this.#sync(doc, middle);
		for (const doc of docs) this.#sync(middle, doc);
		let lost = 0;
		for (const [key, bytes] of entries) {
			const everywhere = docs.every((doc) => {
				const held: unknown = doc.getMap('e').get(key);
				return held instanceof Uint8Array && equalBytes(held, bytes);
			});
			if (!everywhere) lost++;
		}
		return lost;
	}

	#sync(from: Y.Doc, to: Y.Doc): void {
		try {
			Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
		} catch {
			this.#thrown++;
		}
	}

	#doc(device: Device, segment: number): Y.Doc {
		const docs = this.#docsByDevice.get(device) ?? new Map<number, Y.Doc>();
		this.#docsByDevice.set(device, docs);
		const doc = docs.get(segment) ?? new Y.Doc();
		docs.set(segment, doc);
		return doc;
	}
}
