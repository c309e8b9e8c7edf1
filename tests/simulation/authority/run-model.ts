/** npm run simulate -- --model authority: counts of what was checked and of what broke, as one line of JSON. */
import { performance } from 'node:perf_hooks';
import { foldTimesMs } from './fold-time';
import { checkSeed, withoutCaps, type Violation } from './checks';

export interface ModelSummary {
	readonly model: 'authority';
	readonly seeds: number;
	readonly entries: number;
	readonly attacks: number;
	readonly removed: number;
	readonly tenures: number;
	readonly violations: number;
	readonly byViolation: Readonly<Partial<Record<Violation, number>>>;
	/** Violations that the same checks find when caps are ignored, on as many seeds; they have to find some. */
	readonly control: { readonly seeds: number; readonly violations: number };
	readonly failedSeeds: readonly number[];
	readonly seedsPerSecond: number;
	/** Of a group of 100 members and 1 000 control entries. */
	readonly foldMs: ReturnType<typeof foldTimesMs>;
}

/** Of the control run: enough to see that the checks can fail. */
const controlSeedsLimit = 2_000;

export function runAuthorityModel(from: number, seeds: number): ModelSummary {
	const beganMs = performance.now();
	const byViolation: Partial<Record<Violation, number>> = {};
	const failed = new Set<number>();
	const sums = { entries: 0, attacks: 0, removed: 0, tenures: 0, violations: 0 };
	for (let seed = from; seed < from + seeds; seed++) {
		const checked = checkSeed(seed);
		sums.entries += checked.entries;
		sums.attacks += checked.attacks;
		sums.removed += checked.removed;
		sums.tenures += checked.tenures;
		for (const { violation } of checked.failures) {
			sums.violations++;
			failed.add(seed);
			byViolation[violation] = (byViolation[violation] ?? 0) + 1;
		}
	}
	const elapsedMs = performance.now() - beganMs;
	const controlSeeds = Math.min(seeds, controlSeedsLimit);
	let found = 0;
	for (let seed = from; seed < from + controlSeeds; seed++)
		found += checkSeed(seed, withoutCaps).failures.length;
	return {
		model: 'authority',
		seeds,
		...sums,
		byViolation,
		control: { seeds: controlSeeds, violations: found },
		failedSeeds: [...failed].slice(0, 20),
		seedsPerSecond: Math.round((seeds * 1000) / elapsedMs),
		foldMs: foldTimesMs()
	};
}
