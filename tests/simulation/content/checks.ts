/** What has to hold at the end of a random history, and which of it did not. */
import { countsUntil } from '../../../src/lib/conversation/authority';
import type { ShownMessage } from '../../../src/lib/conversation/content/shown-message';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { SeededRandom } from '../seeded-random';
import type { BrokenRule } from './model-replica';
import { isPlaceholder } from '../../../src/lib/protocol/guard/update';
import { expectedMessages, type CountingEntry, type Expected } from './oracle';
import { ModelWorld } from './world';

/**
 * diverged: two devices show different things. wrong: they show something else than follows from what counts. unheard:
 * the last word of somebody who has one device, and was neither removed nor copied, does not hold. kept: a device holds
 * words of what is deleted. outlived: a device shows or holds words of what has run out. timer: devices do not agree on
 * the conversation's timer, or whoever knows all that was set does not have the last word. lost: something goes that has
 * not run out.
 */
export type Violation = 'diverged' | 'wrong' | 'unheard' | 'kept' | 'outlived' | 'timer' | 'lost';

export interface Failure {
	readonly violation: Violation;
	readonly what: string;
}

export interface Checked {
	readonly failures: readonly Failure[];
	readonly counts: ModelWorld['counts'];
	readonly shown: number;
}

export async function checkSeed(seed: number, broken: BrokenRule = 'none'): Promise<Checked> {
	const random = new SeededRandom(seed);
	const world = new ModelWorld(random, new SeededRandom(seed ^ 0xdead), broken);
	for (let steps = 15 + random.below(50); steps > 0; steps--) await world.step();
	await world.heal();
	return { failures: failuresOf(world), counts: world.counts, shown: world.replicas[0]?.shown.length ?? 0 };
}

/** @param nowMs by all clocks */
export function failuresOf(world: ModelWorld, nowMs = 0): Failure[] {
	const failures: Failure[] = [];
	const [first, ...others] = world.replicas.map(({ shown }) => JSON.stringify(shown));
	others.forEach((shown, i) => {
		if (shown !== first) failures.push({ violation: 'diverged', what: `device ${i + 1} and device 0` });
	});
	const shown = world.replicas[0]?.shown ?? [];
	const deleted = new Set([...world.deleted.values()].map(({ id, author }) => `${author}/${id}`));
	const wanted = JSON.stringify(expectedMessages(countingIn(world), deleted, nowMs));
	if (JSON.stringify(asExpected(shown)) !== wanted)
		failures.push({ violation: 'wrong', what: `${JSON.stringify(asExpected(shown))} instead of ${wanted}` });
	for (const what of unheard(world, shown)) failures.push({ violation: 'unheard', what });
	for (const what of kept(world, deleted)) failures.push({ violation: 'kept', what });
	return failures;
}

/** Of each lane what everybody holds below its end. */
export function countingIn(world: ModelWorld): CountingEntry[] {
	return [...world.entryById.values()].flatMap((entry): CountingEntry[] => {
		const account = world.accountByLane.get(entry.lane);
		if (account === undefined) return [];
		const of = {
			account: account.id,
			grant: toBase64url(account.grant),
			device: toBase64url(new Uint8Array(32))
		};
		const { until, lastIdPrefix } = countsUntil(world.truth, entry.segment, entry.lane, of);
		const held = world.replicas[0]?.held(entry.segment);
		const last = held?.entryId(entry.lane, until - 1);
		const isOther =
			lastIdPrefix !== null && last !== undefined && !toBase64url(last).startsWith(lastIdPrefix);
		const isHeld = held?.entryId(entry.lane, entry.clock) === entry.id;
		return entry.clock < (isOther ? 0 : until) && isHeld ? [{ ...entry, account: account.id }] : [];
	});
}

/** Entries that count, and word anew what is deleted. @param deleted "account/id" */
function kept(world: ModelWorld, deleted: ReadonlySet<string>): string[] {
	const entries = countingIn(world);
	const originById = new Map(
		entries.flatMap(({ id, envelope: { record } }) =>
			record.type === 'again' ? [[toBase64url(id), toBase64url(record.origin)] as const] : []
		)
	);
	return entries.flatMap(({ id, segment, lane, clock, account, envelope: { record } }) => {
		const target =
			record.type === 'edit' ? record.target : record.type === 'again' ? record.origin : undefined;
		if (target === undefined) return [];
		const names = [toBase64url(target)];
		const origin = record.type === 'edit' ? originById.get(toBase64url(target)) : undefined;
		if (origin !== undefined) names.push(origin);
		if (!names.some((name) => deleted.has(`${account}/${name}`))) return [];
		return world.replicas.flatMap((replica, i) => {
			const [bytes] = replica.held(segment).run(lane, clock, clock + 1).entries;
			const isHeld = bytes !== undefined && !isPlaceholder(bytes);
			return isHeld ? [`device ${i} holds ${record.type} ${toBase64url(id)}`] : [];
		});
	});
}

function asExpected(shown: readonly ShownMessage[]): Expected[] {
	return shown
		.map(({ id, versions, reactions, pinned, votes }) => ({
			id,
			text: versions.at(-1)?.text ?? '',
			reactions: reactions
				.flatMap(({ emoji, accounts }) => accounts.map((account) => `${account} ${emoji}`))
				.sort(),
			pinned,
			votes: votes.flatMap((accounts, i) => accounts.map((account) => `${account} ${i}`)).sort(),
			wordings: versions.length
		}))
		.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function unheard(world: ModelWorld, shown: readonly ShownMessage[]): string[] {
	const shownById = new Map(shown.map((each) => [each.id, each]));
	const lastByKey = new Map<string, () => boolean>();
	const named = new Set([...world.deleted.values()].map(({ id, author }) => `${author}/${id}`));
	const authorById = new Map(world.sayings.map(({ id, replica }) => [id, replica.account.id]));
	for (const { replica, record, id } of world.sayings) {
		const { account } = replica;
		const isOnly = world.replicas.filter((each) => each.account === account).length === 1;
		if (!isOnly || world.unsteady.has(account.id)) continue;
		if (record.type === 'message') {
			lastByKey.set(id, () => shownById.has(id) || named.has(`${account.id}/${id}`));
			continue;
		}
		if (!('target' in record) || record.type === 'pin') continue;
		const target = toBase64url(record.target);
		const now = (): ShownMessage | undefined => shownById.get(target);
		if (record.type === 'reaction') {
			const { emoji, on } = record;
			lastByKey.set(`${account.id} ${emoji} ${target}`, () => {
				const given = now()?.reactions.find((each) => each.emoji === emoji)?.accounts ?? [];
				return now() === undefined || given.includes(account.id) === on;
			});
		}
		if (record.type === 'edit' && authorById.get(target) === account.id)
			lastByKey.set(
				`edit ${target}`,
				() => now() === undefined || now()?.versions.at(-1)?.text === record.text
			);
		if (record.type === 'vote')
			lastByKey.set(`${account.id} vote ${target}`, () => {
				const options = now()?.votes ?? [];
				const given = options.flatMap((accounts, i) => (accounts.includes(account.id) ? [i] : []));
				return given.every((choice) => record.choices.includes(choice));
			});
	}
	return [...lastByKey].flatMap(([key, holds]) => (holds() ? [] : [key]));
}
