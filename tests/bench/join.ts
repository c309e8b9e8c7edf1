/**
 * How many of 100 pairs that join their rooms at the same moment get connected, and how soon: ours against stock
 * y-webrtc, over the same signalling server, in one real browser, in turns. A pair counts as connected when each
 * side has the other's entry; as wedged when that has not happened in 45 s.
 *
 *     npm run bench -- join [pairs] [pairs in a batch] [signalling delay in ms]
 */
import { chromium, type Browser } from '@playwright/test';
import { findChromium } from '../../scripts/chromium';
import { startHarness, Visitor, type JoinOptions } from '../e2e/link/harness';
import { testPassword, type SignallingServer } from '../e2e/link/signalling';

const port = 4525;
const cutOffMs = 45_000;
const pairs = Number(process.argv[2] ?? 100);
const pairsInBatch = Number(process.argv[3] ?? 20);
/** One way, through the server. Without any delay announcements never cross, and the race cannot happen. */
const signallingMs = Number(process.argv[4] ?? 40);

type Side = 'ours' | 'peer';

interface Outcome {
	readonly connected: number;
	readonly of: number;
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly worstMs: number;
}

const durationsMs: Record<Side, number[]> = { ours: [], peer: [] };
const server = await startHarness(port, { reads: false, delayMs: signallingMs });
const browser = await chromium.launch({ executablePath: findChromium() });
try {
	for (let batch = 0; durationsMs.peer.length < pairs; batch++) {
		const count = Math.min(pairsInBatch, pairs - durationsMs.peer.length);
		// Who goes first changes, so that neither always meets the warmer machine.
		for (const side of batch % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
			const batchMs = await joinBatch(browser, server, side, batch, count);
			durationsMs[side].push(...batchMs);
			const connected = batchMs.filter((ms) => ms < cutOffMs).length;
			process.stderr.write(
				`batch ${batch} ${side}: ${connected}/${count}, worst ${Math.max(...batchMs)} ms\n`
			);
		}
	}
} finally {
	await browser.close();
	await server.close();
}

const ours = outcomeOf(durationsMs.ours);
const peer = outcomeOf(durationsMs.peer);
process.stdout.write(
	`${JSON.stringify({
		bench: 'join',
		workload: `${pairs} pairs, ${pairsInBatch} at the same moment, signalling ${signallingMs} ms, cut-off ${cutOffMs / 1000} s`,
		ours,
		peer,
		peerName: 'y-webrtc 10.3.0',
		ratio: Number((ours.p95Ms / peer.p95Ms).toFixed(2)),
		target: `${pairs} of ${pairs} connected`,
		unit: 'ms to both documents equal'
	})}\n`
);
if (ours.connected < pairs) process.exitCode = 1;

/** Milliseconds from the common start until both sides had each other's entry, for each pair; the cut-off if never. */
async function joinBatch(
	inBrowser: Browser,
	{ url }: SignallingServer,
	side: Side,
	batch: number,
	count: number
): Promise<number[]> {
	const visitors = [await Visitor.open(inBrowser, url), await Visitor.open(inBrowser, url)];
	const stock = side === 'peer';
	const optionsOf = (room: string, entry: string): JoinOptions => ({
		room,
		stock,
		entries: [{ key: entry, bytes: 10 }]
	});

	// A page's first connection pays for what all later ones share.
	const warmUp = `${side} ${batch} warm-up`;
	for (const [index, visitor] of visitors.entries()) await visitor.join(optionsOf(warmUp, `of ${index}`));
	await allMet(visitors, [warmUp]);

	const rooms = Array.from({ length: count }, (_, number) => `${side} ${batch} ${number}`);
	const startAtMs = Date.now() + 1_000;
	await Promise.all(
		visitors.map((visitor, index) =>
			visitor.call(
				'joinAt',
				startAtMs,
				rooms.map((room) => ({ ...optionsOf(room, `of ${index}`), password: testPassword }))
			)
		)
	);
	const metAtMs = await allMet(visitors, rooms);
	for (const visitor of visitors) await visitor.close();
	return rooms.map((_, number) => {
		const times = metAtMs.map((ofVisitor) => ofVisitor[number] ?? null);
		return times.includes(null) ? cutOffMs : Math.max(...times.map(Number)) - startAtMs;
	});
}

/** Waits until all rooms have met on all pages, or for the cut-off; gives the times by page and room. */
async function allMet(visitors: readonly Visitor[], rooms: readonly string[]): Promise<(number | null)[][]> {
	const met = visitors.map(({ page }) =>
		page
			.waitForFunction((names) => window.harness.metAtMs(names).every((time) => time !== null), rooms, {
				timeout: cutOffMs,
				polling: 100
			})
			// Wedged pairs are a result, not an error.
			.catch(() => null)
	);
	await Promise.all(met);
	return Promise.all(visitors.map((visitor) => visitor.call('metAtMs', rooms)));
}

function outcomeOf(allMs: readonly number[]): Outcome {
	const sorted = [...allMs].sort((a, b) => a - b);
	const quantile = (share: number): number =>
		sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
	return {
		connected: allMs.filter((ms) => ms < cutOffMs).length,
		of: allMs.length,
		p50Ms: quantile(0.5),
		p95Ms: quantile(0.95),
		worstMs: quantile(1)
	};
}
