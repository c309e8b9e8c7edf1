/** npm run simulate -- --model keys: counts of what was checked and of what broke, as one line of JSON. */
import { performance } from 'node:perf_hooks';
import { checkSeed, type Violation } from './checks';
import type { BrokenRule } from './world';

export interface KeysSummary {
	readonly model: 'keys';
	readonly seeds: number;
	/** Of them, with HPKE and WebCrypto instead of what stands in for them. */
	readonly realSeeds: number;
	readonly epochs: number;
	readonly epochsAtEnd: number;
	readonly messages: number;
	readonly removed: number;
	readonly newcomers: number;
	readonly spoiled: number;
	readonly restarts: number;
	readonly admitted: number;
	readonly violations: number;
	readonly byViolation: Readonly<Partial<Record<Violation, number>>>;
	/** Violations that the same checks find when a rule is broken; each has to find some. */
	readonly control: Readonly<Record<Exclude<BrokenRule, 'none'>, number>>;
	readonly controlSeeds: number;
	readonly failedSeeds: readonly number[];
	readonly seedsPerSecond: number;
}

const controlSeedsLimit = 200;
/** One seed in so many. */
const realEvery = 25;

export async function runKeysModel(
	from: number,
	seeds: number,
	out: (line: string) => void
): Promise<KeysSummary> {
	const beganMs = performance.now();
	const byViolation: Partial<Record<Violation, number>> = {};
	const failed = new Set<number>();
	const sums = {
		realSeeds: 0,
		epochs: 0,
		epochsAtEnd: 0,
		messages: 0,
		removed: 0,
		newcomers: 0,
		spoiled: 0,
		restarts: 0,
		admitted: 0,
		violations: 0
	};
	for (let seed = from; seed < from + seeds; seed++) {
		const isReal = seed % realEvery === 0;
		const checked = await checkSeed(seed, 'none', isReal);
		if (isReal) sums.realSeeds++;
		for (const key of [
			'epochs',
			'epochsAtEnd',
			'messages',
			'removed',
			'newcomers',
			'spoiled',
			'restarts',
			'admitted'
		] as const)
			sums[key] += checked[key];
		for (const { violation, what } of checked.failures) {
			if (!failed.has(seed)) out(`seed ${seed}: ${violation}: ${what}`);
			sums.violations++;
			failed.add(seed);
			byViolation[violation] = (byViolation[violation] ?? 0) + 1;
		}
	}
	const elapsedMs = performance.now() - beganMs;
	const controlSeeds = Math.min(seeds, controlSeedsLimit);
	const control = {
		'forget-who-had-links': 0,
		'always-reveal': 0,
		'give-who-waits': 0,
		'stay-in-segment': 0
	};
	for (const rule of Object.keys(control) as (keyof typeof control)[])
		for (let seed = from; seed < from + controlSeeds; seed++)
			control[rule] += (await checkSeed(seed, rule)).failures.length;
	return {
		model: 'keys',
		seeds,
		...sums,
		byViolation,
		control,
		controlSeeds,
		failedSeeds: [...failed].slice(0, 20),
		seedsPerSecond: Math.round((seeds * 1000) / elapsedMs)
	};
}
