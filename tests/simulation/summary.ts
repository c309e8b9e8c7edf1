/** Adds up outcomes into the one line that a report quotes. */
import { performance } from 'node:perf_hooks';
import type { Outcome } from './simulation';
import type { Problem } from './verdict';

type CountName =
	| 'writes'
	| 'acts'
	| 'hostile'
	| 'forks'
	| 'segments'
	| 'devices'
	| 'crashes'
	| 'restores'
	| 'copies'
	| 'rotations'
	| 'epochs'
	| 'writtenOff';
const countNames: readonly CountName[] = [
	'writes',
	'acts',
	'hostile',
	'forks',
	'segments',
	'devices',
	'crashes',
	'restores',
	'copies',
	'rotations',
	'epochs',
	'writtenOff'
];

export class Summary {
	readonly #beganMs = performance.now();
	readonly #seedsByKind = new Map<Problem['kind'], number>();
	readonly #counts = new Map<CountName, number>();
	readonly #rejections = new Map<string, number>();
	readonly failedSeeds: number[] = [];
	#seeds = 0;
	#controlSeeds = 0;
	#controlEntries = 0;

	get failed(): boolean {
		return this.failedSeeds.length > 0 || this.#seeds === 0;
	}

	get controlSeeds(): number {
		return this.#controlSeeds;
	}

	add(outcome: Outcome): void {
		this.#seeds++;
		for (const kind of new Set(outcome.problems.map((problem) => problem.kind))) {
			this.#seedsByKind.set(kind, (this.#seedsByKind.get(kind) ?? 0) + 1);
		}
		if (outcome.problems.length > 0) this.failedSeeds.push(outcome.seed);
		for (const name of countNames) this.#counts.set(name, (this.#counts.get(name) ?? 0) + outcome[name]);
		for (const [reason, times] of outcome.rejections) {
			this.#rejections.set(reason, (this.#rejections.get(reason) ?? 0) + times);
		}
		if (outcome.control.lost > 0) this.#controlSeeds++;
		this.#controlEntries += outcome.control.lost;
	}

	line(): Record<string, unknown> {
		const seedsWith = (kind: Problem['kind']): number => this.#seedsByKind.get(kind) ?? 0;
		return {
			seeds: this.#seeds,
			lost: seedsWith('lost'),
			forged: seedsWith('forged'),
			diverged: seedsWith('diverged'),
			doubled: seedsWith('doubled'),
			pending: seedsWith('pending'),
			falselyDelivered: seedsWith('delivered'),
			ownRejects: seedsWith('ownReject'),
			exceptions: seedsWith('exception'),
			honestViolations: seedsWith('violation'),
			...Object.fromEntries(this.#counts),
			rejections: Object.fromEntries([...this.#rejections].sort(([a], [b]) => (a < b ? -1 : 1))),
			control: { seedsThatLost: this.#controlSeeds, entriesLost: this.#controlEntries },
			failedSeeds: this.failedSeeds.slice(0, 20),
			seedsPerSecond: Math.round((this.#seeds * 10_000) / (performance.now() - this.#beganMs)) / 10
		};
	}
}
