/** Random numbers of one seed: the same seed gives the same sequence on every machine. */
export class SeededRandom {
	#state: number;

	/** @param seed any integer */
	constructor(seed: number) {
		this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
		for (let i = 0; i < 4; i++) this.u32();
	}

	/** 0 … 2^32 - 1 (mulberry32). */
	u32(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return (mixed ^ (mixed >>> 14)) >>> 0;
	}

	/** In [0, 1). */
	unit(): number {
		return this.u32() / 0x1_0000_0000;
	}

	/** Normally distributed, mean 0, deviation 1 (Box–Muller). */
	normal(): number {
		return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
	}

	/** Integer in [0, limit). */
	below(limit: number): number {
		return Math.floor(this.unit() * limit);
	}

	chance(probability: number): boolean {
		return this.unit() < probability;
	}

	pick<T>(from: readonly T[]): T {
		if (from.length === 0) throw new Error('nothing to pick from');
		return from[this.below(from.length)] as T;
	}

	bytes(length: number): Uint8Array<ArrayBuffer> {
		const bytes = new Uint8Array(length);
		for (let i = 0; i < length; i++) bytes[i] = this.u32() & 255;
		return bytes;
	}

	shuffled<T>(from: readonly T[]): T[] {
		const order = [...from];
		for (let i = order.length - 1; i > 0; i--) {
			const j = this.below(i + 1);
			[order[i], order[j]] = [order[j] as T, order[i] as T];
		}
		return order;
	}
}
