/**
 * Lets the browser paint and take input between slices of work. `scheduler.yield` keeps our place in the queue; a
 * message channel is the next best (timers are clamped to 4 ms).
 */
interface YieldingScheduler {
	yield(): Promise<void>;
}

function yieldingScheduler(): YieldingScheduler | null {
	const scheduler: unknown = 'scheduler' in globalThis ? globalThis.scheduler : null;
	const yields = typeof scheduler === 'object' && scheduler !== null && 'yield' in scheduler;
	return yields ? (scheduler as YieldingScheduler) : null;
}

export function yieldTurn(): Promise<void> {
	const scheduler = yieldingScheduler();
	if (scheduler !== null) return scheduler.yield();
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}
