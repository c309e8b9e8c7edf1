/**
 * A whole group from one seed: devices that run the app's own conversation and sync, links that are cut, disks that
 * lose power, profiles that are restored and copied, and somebody who sends what no honest device would. In the end
 * everything is healed, and everything that was saved has to be everywhere, once, in the same order.
 */
import { controlSegment } from '../../src/lib/protocol/ids';
import { Script, type Counts } from './script';
import { SeededRandom } from './seeded-random';
import { SimulatedGroup } from './simulated-group';
import { Trace } from './trace';
import { judge, type Problem } from './verdict';

export interface Outcome {
	readonly seed: number;
	readonly problems: readonly Problem[];
	readonly traceHash: string;
	readonly writes: number;
	readonly acts: number;
	readonly hostile: number;
	readonly rejections: ReadonlyMap<string, number>;
	readonly forks: number;
	readonly segments: number;
	readonly devices: number;
	readonly crashes: number;
	readonly restores: number;
	readonly copies: number;
	/** Epochs that the first device holds in the end. */
	readonly epochs: number;
	readonly rotations: number;
	readonly deletions: number;
	readonly writtenOff: number;
	/** Entries that plain Yjs lost under the same traffic. */
	readonly control: { readonly lost: number; readonly thrown: number };
}

const healingRounds = 8;
/** Longer than the longest tick of a link. */
const roundMs = 37_000;

/**
 * @param print takes the trace, line by line
 * @param inspect sees the healed group, before it is let go
 * @param mayRotate false for histories as they were when conversations had one epoch
 * @param mayDelete false for histories as they were when nobody could delete
 * @param mayAct false for histories as they were when nothing was said about messages
 */
export async function simulate(
	seed: number,
	print: ((line: string) => void) | null = null,
	inspect: ((group: SimulatedGroup) => void) | null = null,
	mayRotate = true,
	mayDelete = true,
	mayAct = mayDelete && mayRotate
): Promise<Outcome> {
	const random = new SeededRandom(seed);
	const trace = new Trace(print);
	const group = new SimulatedGroup(random, seed, trace);
	const counts: Counts = {
		writes: 0,
		acts: 0,
		hostile: 0,
		crashes: 0,
		restores: 0,
		copies: 0,
		rotations: 0,
		deletions: 0
	};
	await group.found();
	const isRotating = mayRotate && new SeededRandom(seed ^ 0x0e0c).chance(0.6);
	const isDeleting = mayDelete && new SeededRandom(seed ^ 0xde1e).chance(0.6);
	// Not both: what is deleted may move what stands upon it, for those who had it (docs/decisions/0026).
	const isActing = mayAct && !isDeleting && new SeededRandom(seed ^ 0x7a1c).chance(0.6);
	const script = new Script(group, seed, counts, isRotating, isDeleting, isActing);
	const steps = 70 + random.below(60);
	for (let step = 0; step < steps; step++) {
		await script.step();
		await group.time.pass(random.below(random.pick([30, 300, 4_000])));
	}
	await heal(group);
	const problems = judge(group);
	inspect?.(group);
	for (const { kind, what } of problems) trace.note(`${kind}: ${what}`);
	const newest = group.devices[0]?.conversation;
	return {
		seed,
		problems,
		traceHash: trace.digest(),
		...counts,
		rejections: group.rejections,
		forks: newest?.forks ?? 0,
		segments: newest?.newestSegment ?? 0,
		devices: group.devices.length,
		epochs: newest?.keys.ring.held.length ?? 0,
		writtenOff: [...group.ledger.sayingByText.values()].filter((saying) => saying.state === 'lost').length,
		control: await judgeControl(group)
	};
}

/** Ends all trouble, and gives the sync as many rounds as it is promised to need. */
async function heal(group: SimulatedGroup): Promise<void> {
	group.trace.note('heal');
	group.partition = null;
	for (const device of group.devices) if (!device.isUp) await group.startDevice(device);
	Object.assign(group.world, { unruly: false });
	for (let round = 0, calm = 0; round < healingRounds && calm < 2; round++) {
		for (const a of group.devices) for (const b of group.devices) group.connect(a, b);
		if (group.replica.segments.length > 0) for (const device of group.devices) group.connectToRelay(device);
		await group.time.pass(roundMs);
		for (const device of group.devices) await group.until(group.giveFrontier(device));
		calm = isAgreed(group) ? calm + 1 : 0;
	}
	await group.time.pass(roundMs);
}

/** Whether everybody claims the same; what they show is judged later. */
function isAgreed(group: SimulatedGroup): boolean {
	const claims = group.devices.map((device) =>
		(device.conversation?.inventory() ?? [])
			.map(({ segment, digest }) => `${segment}:${digest.join()}`)
			.join(' ')
	);
	return claims.every((claim) => claim === claims[0]);
}

async function judgeControl(group: SimulatedGroup): Promise<Outcome['control']> {
	let lost = 0;
	const conversation = group.devices[0]?.conversation;
	if (conversation == null) return { lost, thrown: group.mirrors.thrown };
	for (const segment of conversation.inventory().map((meta) => meta.segment)) {
		if (segment === controlSegment) continue;
		const { lanes, doc } = await group.until(conversation.document(segment));
		// Forked lanes are apart: of those no replica has everything.
		const alive = new Set(
			[...lanes].filter((lane) => !conversation.isDead(segment, lane, Number.MAX_SAFE_INTEGER))
		);
		const entries = new Map([...doc.getMap<Uint8Array>('e')].filter(([key]) => alive.has(parseInt(key, 36))));
		lost += group.mirrors.countLost(segment, entries);
	}
	return { lost, thrown: group.mirrors.thrown };
}
