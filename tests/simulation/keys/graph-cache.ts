/**
 * Devices that know the same share what follows from it: most of the model's time would go into folding one thing many
 * times. That facts do not hang on the order in which somebody met them is checked apart (checks.ts).
 */
import { EpochGraph } from '../../../src/lib/conversation/epochs/epoch-graph';
import type { ModelEntry } from './model-entry';
import { factsOf, type ModelFacts, type Said } from './model-facts';

/** Bits in a character of a set's name. */
const bitsPerUnit = 16;

export class GraphCache {
	readonly #graphByWhat = new Map<string, EpochGraph>();
	readonly #numberById = new Map<string, number>();

	constructor(readonly tamper: (facts: ModelFacts) => ModelFacts) {}

	/** @param said see factsOf. @param latestHlc see epochsInPace; grows only */
	graphOf(entries: readonly ModelEntry[], said: readonly Said[], latestHlc: number): EpochGraph {
		const isAhead = entries.some(({ hlc }) => hlc > latestHlc);
		const what = `${this.#setOf(entries.map(({ id }) => id))}/${this.#setOf(said.map(({ id }) => id))}/${isAhead ? latestHlc : ''}`;
		const known = this.#graphByWhat.get(what);
		if (known !== undefined) return known;
		const graph = new EpochGraph(this.tamper(factsOf(entries, said, latestHlc)));
		this.#graphByWhat.set(what, graph);
		return graph;
	}

	#setOf(ids: readonly string[]): string {
		const units: number[] = [];
		for (const id of ids) {
			const number = this.#numberById.get(id) ?? this.#numberById.size;
			this.#numberById.set(id, number);
			const at = Math.floor(number / bitsPerUnit);
			while (units.length <= at) units.push(0);
			units[at] = (units[at] as number) | (1 << (number % bitsPerUnit));
		}
		return String.fromCharCode(...units);
	}
}
