/** Throws bytes at every decoder: none may throw, be slow, or take what Yjs understands otherwise. */
import { performance } from 'node:perf_hooks';
import { fuzzTargets, type FuzzTarget } from './fuzz-targets';
import { mutated, noise } from './fuzz-inputs';
import { SeededRandom } from './seeded-random';

/** On any machine that is alive (research/security, 4). */
const slowMs = 20;
/** A pause for garbage is no property of an input: it does not come back. */
const measuredAgain = 5;
/** Those that need keys cost thousands of times as much as those that read bytes. */
const asyncShare = 0.002;

export interface FuzzReport {
	readonly inputs: number;
	readonly taken: number;
	readonly rejections: ReadonlyMap<string, number>;
	/** Of any input, the fastest of several runs. */
	readonly slowestMs: number;
	readonly problems: readonly string[];
	readonly inputsPerSecond: number;
}

export async function fuzz(inputs: number, seed: number): Promise<FuzzReport> {
	const random = new SeededRandom(seed);
	const targets = await fuzzTargets(random);
	const slow = targets.filter(({ name }) => name === 'hello' || name === 'proof');
	const fast = targets.filter((target) => !slow.includes(target));
	const rejections = new Map<string, number>();
	const problems: string[] = [];
	let taken = 0;
	let slowestMs = 0;
	const beganMs = performance.now();
	for (let i = 0; i < inputs; i++) {
		const target = random.pick(random.chance(asyncShare) ? slow : fast);
		const bytes = inputFor(random, target, random.pick(fast));
		const atMs = performance.now();
		try {
			const pending = target.decode(bytes);
			const result = pending instanceof Promise ? await pending : pending;
			const tookMs = pending instanceof Promise ? 0 : performance.now() - atMs;
			if (tookMs > slowestMs) slowestMs = Math.max(slowestMs, fastestMs(target, bytes, tookMs));
			if (result.ok) {
				taken++;
				const problem = target.check?.(bytes);
				if (problem) problems.push(`${target.name}: ${problem}: ${Buffer.from(bytes).toString('hex')}`);
			} else {
				const reason = `${target.name}: ${result.reason}`;
				rejections.set(reason, (rejections.get(reason) ?? 0) + 1);
			}
		} catch (error) {
			problems.push(`${target.name} throws ${String(error)}: ${Buffer.from(bytes).toString('hex')}`);
		}
	}
	if (slowestMs > slowMs) problems.push(`an input takes ${slowestMs} ms`);
	const seconds = (performance.now() - beganMs) / 1000;
	return { inputs, taken, rejections, slowestMs, problems, inputsPerSecond: Math.round(inputs / seconds) };
}

function inputFor(random: SeededRandom, target: FuzzTarget, other: FuzzTarget): Uint8Array {
	if (target.sound.length === 0 || random.chance(0.1)) return noise(random);
	return mutated(random, random.pick(target.sound), random.pick(other.sound));
}

function fastestMs(target: FuzzTarget, bytes: Uint8Array, firstMs: number): number {
	let fastest = firstMs;
	for (let i = 0; i < measuredAgain; i++) {
		const atMs = performance.now();
		void target.decode(bytes);
		fastest = Math.min(fastest, performance.now() - atMs);
	}
	return fastest;
}
