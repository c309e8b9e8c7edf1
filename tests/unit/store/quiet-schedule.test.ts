import { expect, test } from 'vitest';
import { QuietSchedule } from '../../../src/lib/store/quiet-schedule';

/** Time that passes when the test says so. */
class ManualTime {
	nowMs = 0;
	#due: { atMs: number; task: () => void }[] = [];

	schedule(): QuietSchedule {
		return new QuietSchedule({
			now: () => this.nowMs,
			after: (delayMs, task) => void this.#due.push({ atMs: this.nowMs + delayMs, task }),
			soon: (task) => void this.#due.push({ atMs: this.nowMs, task })
		});
	}

	/** Runs what is due up to then, in order. */
	pass(ms: number): void {
		const endMs = this.nowMs + ms;
		for (;;) {
			const next = this.#due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
			if (next === undefined) break;
			this.#due = this.#due.filter((each) => each !== next);
			this.nowMs = Math.max(this.nowMs, next.atMs);
			next.task();
		}
		this.nowMs = endMs;
	}
}

test('a task runs at once if nobody has asked for anything', () => {
	const time = new ManualTime();
	let runs = 0;
	time.schedule().schedule(() => runs++);
	expect(runs).toBe(0);
	time.pass(0);
	expect(runs).toBe(1);
});

test('a task waits while requests keep coming, and runs once after the last', () => {
	const time = new ManualTime();
	const quiet = time.schedule();
	let runs = 0;
	quiet.asked();
	quiet.schedule(() => runs++);
	for (let request = 0; request < 50; request++) {
		time.pass(100);
		quiet.asked();
	}
	expect(runs).toBe(0);
	time.pass(499);
	expect(runs).toBe(0);
	time.pass(1);
	expect(runs).toBe(1);
	time.pass(10_000);
	expect(runs).toBe(1);
});

test('slices follow one another at once until somebody asks', () => {
	const time = new ManualTime();
	const quiet = time.schedule();
	let slices = 0;
	const slice = (): void => {
		slices++;
		if (slices === 3) quiet.asked();
		if (slices < 5) quiet.schedule(slice);
	};
	quiet.schedule(slice);
	time.pass(0);
	expect(slices).toBe(3);
	time.pass(500);
	expect(slices).toBe(5);
});
