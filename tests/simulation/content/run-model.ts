/** npm run simulate -- --model content: counts of what was checked and of what broke, as one line of JSON. */
import { performance } from 'node:perf_hooks';
import { checkSeed, type Failure, type Violation } from './checks';
import { brokenRules, brokenTimerRules, type BrokenRule } from './model-replica';
import { checkTimedSeed } from './timed-checks';

export interface ContentSummary {
	readonly model: 'content';
	readonly seeds: number;
	readonly messages: number;
	readonly acts: number;
	readonly deletes: number;
	/** Words of what was deleted already, named by their author's device. */
	readonly late: number;
	/** Deletes of what stands somewhere else. */
	readonly lies: number;
	readonly forks: number;
	readonly removals: number;
	readonly returns: number;
	readonly restarts: number;
	readonly shown: number;
	/** Histories among them that were played a second time, with messages that last for a time. */
	readonly timed: number;
	/** In these, of the conversation's timer. */
	readonly settings: number;
	/** Settings by whoever may not. */
	readonly claims: number;
	/** Entries that their author's devices have deleted because they had run out. */
	readonly expired: number;
	/** Messages that have run out. */
	readonly over: number;
	readonly violations: number;
	readonly byViolation: Readonly<Partial<Record<Violation, number>>>;
	/** Violations that the same checks find when a rule is broken; each has to find some. */
	readonly control: Readonly<Record<Exclude<BrokenRule, 'none'>, number>>;
	readonly controlSeeds: number;
	readonly failedSeeds: readonly number[];
	readonly seedsPerSecond: number;
}

const controlSeedsLimit = 200;
/** They take as long as the others. */
const timedEvery = 3;
const isTimed = (seed: number): boolean => seed % timedEvery === 0;

export async function runContentModel(
	from: number,
	seeds: number,
	out: (line: string) => void
): Promise<ContentSummary> {
	const beganMs = performance.now();
	const byViolation: Partial<Record<Violation, number>> = {};
	const failed = new Set<number>();
	const sums = {
		...{ messages: 0, acts: 0, deletes: 0, late: 0, lies: 0, forks: 0, removals: 0, returns: 0, restarts: 0 },
		...{ shown: 0, timed: 0, settings: 0, claims: 0, expired: 0, over: 0, violations: 0 }
	};
	const fail = (seed: number, failures: readonly Failure[]): void => {
		for (const { violation, what } of failures) {
			if (!failed.has(seed)) out(`seed ${seed}: ${violation}: ${what}`);
			sums.violations++;
			failed.add(seed);
			byViolation[violation] = (byViolation[violation] ?? 0) + 1;
		}
	};
	for (let seed = from; seed < from + seeds; seed++) {
		const { counts, shown, failures } = await checkSeed(seed);
		for (const [key, count] of Object.entries(counts)) sums[key as keyof typeof counts] += count;
		sums.shown += shown;
		fail(seed, failures);
		if (!isTimed(seed)) continue;
		const timed = await checkTimedSeed(seed);
		sums.timed++;
		for (const [key, count] of Object.entries(timed.timerCounts))
			sums[key as keyof typeof timed.timerCounts] += count;
		fail(seed, timed.failures);
	}
	const elapsedMs = performance.now() - beganMs;
	const controlSeeds = Math.min(seeds, controlSeedsLimit);
	const control = {
		...{ 'last-come': 0, 'targets-first': 0, 'keep-void': 0, 'deletes-last': 0, 'any-author': 0 },
		...{ 'late-words': 0, stays: 0, 'life-anew': 0, 'since-it-came': 0, 'words-come-back': 0 },
		...{ 'author-silent': 0, 'latest-clock': 0 }
	};
	for (const rule of brokenRules)
		for (let seed = from; seed < from + controlSeeds; seed++)
			control[rule] += (await checkSeed(seed, rule)).failures.length;
	for (const rule of brokenTimerRules)
		for (let seed = from; seed < from + controlSeeds; seed++)
			if (isTimed(seed)) control[rule] += (await checkTimedSeed(seed, rule)).failures.length;
	return {
		model: 'content',
		seeds,
		...sums,
		byViolation,
		control,
		controlSeeds,
		failedSeeds: [...failed].slice(0, 20),
		seedsPerSecond: Math.round((seeds * 1000) / elapsedMs)
	};
}
