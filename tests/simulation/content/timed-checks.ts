/** What has to hold at the end of a random history in which messages last for a time, and which of it did not. */
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { isPlaceholder } from '../../../src/lib/protocol/guard/update';
import { countingIn, failuresOf, type Checked, type Failure } from './checks';
import type { BrokenRule } from './model-replica';
import type { ModelEntry } from './model-segment';
import { isOver } from './oracle';
import { TimedWorld } from './timed-world';

export interface TimedChecked extends Checked {
	readonly timerCounts: TimedWorld['timerCounts'] & { readonly over: number };
}

export async function checkTimedSeed(seed: number, broken: BrokenRule = 'none'): Promise<TimedChecked> {
	const world = new TimedWorld(seed, broken);
	for (let steps = 15 + world.random.below(50); steps > 0; steps--) await world.step();
	await world.heal(3);
	// By a clock that may be far behind those by which others have set it.
	const lastS = world.timers.all.afterS === 300 ? 600 : 300;
	const [owner] = world.replicas;
	if (owner !== undefined) world.timers.set(owner, lastS);
	await world.settle();
	const failures = [...failuresNow(world), ...lost(world)];
	const shown = world.replicas[0]?.shown.length ?? 0;
	for (const what of world.back) failures.push({ violation: 'outlived', what });
	for (const replica of world.replicas)
		if (world.timers.timer(replica).afterS !== lastS)
			failures.push({ violation: 'timer', what: 'who knew of everything does not have the last word' });
	await world.outlive();
	failures.push(...failuresNow(world));
	const over = countingIn(world).filter((entry) => isOver(entry, world.now)).length;
	return { failures, counts: world.counts, shown, timerCounts: { ...world.timerCounts, over } };
}

function failuresNow(world: TimedWorld): Failure[] {
	const failures = failuresOf(world, world.now);
	for (const what of outlived(world)) failures.push({ violation: 'outlived', what });
	const timer = JSON.stringify(world.timers.all);
	world.replicas.forEach((replica, i) => {
		if (JSON.stringify(world.timers.timer(replica)) !== timer)
			failures.push({ violation: 'timer', what: `device ${i} has another timer, or other lines about it` });
	});
	return failures;
}

/** What has run out and still stands on a screen, in rows or in a document. */
function outlived(world: TimedWorld): string[] {
	const counting = new Set(countingIn(world).map(({ id }) => id));
	const wordings = wordsOfOver(world).filter(({ id }) => counting.has(id));
	const ids = new Set(wordings.map(({ id }) => toBase64url(id)));
	return world.replicas.flatMap((replica, i) => {
		const rows = [...replica.messageById.values(), ...replica.actById.values()];
		const kept = rows.filter((row) => 'text' in row && ids.has(row.id));
		const held = wordings.filter(({ segment, lane, clock }) => {
			const [bytes] = replica.held(segment).run(lane, clock, clock + 1).entries;
			return bytes !== undefined && !isPlaceholder(bytes);
		});
		return [
			...kept.map(({ id }) => `device ${i} has a row of ${id}`),
			...held.map(({ id }) => `device ${i} holds ${toBase64url(id)}`)
		];
	});
}

/** Entries that word a message that has run out: itself, copies, and edits by whoever said it. */
function wordsOfOver(world: TimedWorld): ModelEntry[] {
	const authorOf = ({ lane }: ModelEntry): string => world.accountByLane.get(lane)?.id ?? '';
	const entries = [...world.entryById.values()];
	const over = entries.filter((entry) => isOver(entry, world.now));
	const names = new Set(
		over.flatMap((entry) => {
			const { record } = entry.envelope;
			const named = record.type === 'again' ? [entry.id, record.origin] : [entry.id];
			return named.map((id) => `${authorOf(entry)}/${toBase64url(id)}`);
		})
	);
	const edits = entries.filter((entry) => {
		const { record } = entry.envelope;
		return record.type === 'edit' && names.has(`${authorOf(entry)}/${toBase64url(record.target)}`);
	});
	return [...over, ...edits];
}

/** What devices have deleted as run out, and is nothing of the kind. */
function lost(world: TimedWorld): Failure[] {
	const over = new Set(wordsOfOver(world).map(({ id }) => toBase64url(id)));
	return [...world.over].filter((id) => !over.has(id)).map((what) => ({ violation: 'lost', what }));
}
