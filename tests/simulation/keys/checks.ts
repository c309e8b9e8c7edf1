/**
 * What has to hold of keys, whatever happened:
 *
 *   opened-after-removal   who is gone, with everything they ever had or could see, opens an epoch that was made, or a
 *                          message that was written, by somebody who knew that they were gone
 *   opened-before-join     a newcomer to a group whose past is closed opens what was said by somebody who did not know them
 *   opened-before-let-in   somebody whom nobody has let in opens what was said
 *   shown-before-join      where nothing older is passed on, a newcomer is shown a segment with what was said before, and
 *                          whoever began the first epoch for them knew of it
 *   shut-out               a member cannot open what the others say, or not verify who is one
 *   no-agreement           members who know the same write under different epochs, or under none
 *   order                  what follows hangs on the order in which somebody met the entries
 *   no-end                 there is always something more to do
 *   too-many-epochs        more epochs than there were reasons for, and people to act on each
 */
import { epochToWriteUnder } from '../../../src/lib/conversation/epochs/epoch-duties';
import { EpochGraph } from '../../../src/lib/conversation/epochs/epoch-graph';
import { EpochKeyring } from '../../../src/lib/conversation/epochs/epoch-keyring';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { epochIdOf } from '../../../src/lib/protocol/epoch';
import { SeededRandom } from '../seeded-random';
import { GraphCache } from './graph-cache';
import type { ModelEntry } from './model-entry';
import { factsOf, type ModelFacts } from './model-facts';
import type { ModelDevice } from './model-device';
import { KeysWorld, type BrokenRule } from './world';

export type Violation =
	| 'opened-after-removal'
	| 'opened-before-join'
	| 'opened-before-let-in'
	| 'shown-before-join'
	| 'shut-out'
	| 'no-agreement'
	| 'order'
	| 'no-end'
	| 'too-many-epochs';

export interface Failure {
	readonly violation: Violation;
	readonly what: string;
}

export interface Checked {
	readonly failures: readonly Failure[];
	readonly epochs: number;
	readonly epochsAtEnd: number;
	readonly messages: number;
	readonly removed: number;
	readonly newcomers: number;
	readonly spoiled: number;
	readonly restarts: number;
	readonly admitted: number;
}

const stepsLimit = 60;
const endRoundsLimit = 100;

export async function checkSeed(seed: number, broken: BrokenRule = 'none', isReal = false): Promise<Checked> {
	const world = new KeysWorld(seed, broken, isReal);
	await world.found();
	for (let steps = 20 + world.random.below(stepsLimit - 20); steps > 0; steps--) await world.step();
	const before = world.madeEpochs.size;
	const failures: Failure[] = [];
	const fail = (violation: Violation, what: string): void => void failures.push({ violation, what });
	if (!(await quiesce(world))) fail('no-end', `after ${endRoundsLimit} rounds`);
	const graph = graphOfAll(world);
	// Who was removed may be the last to know: what says so can be under an epoch that they do not hold.
	const members = world.devices.filter(
		({ recipient }) => graph.facts.devices.get(recipient)?.isMember === true
	);
	checkAgreement(members, fail);
	checkOrder(world, members, fail);
	checkMembers(world, graph.facts as ModelFacts, members, fail);
	await checkGone(world, graph, fail);
	checkNewcomers(world, fail);
	checkShown(world, graph, fail);
	await checkWaiting(world, graph, fail);
	const bound = (world.causes + world.spoiled) * Math.max(2, world.devices.length);
	if (world.madeEpochs.size > bound) fail('too-many-epochs', `${world.madeEpochs.size} of at most ${bound}`);
	const gone = world.devices.length - members.length;
	return {
		failures,
		epochs: world.madeEpochs.size,
		epochsAtEnd: world.madeEpochs.size - before,
		messages: members[0]?.messages.size ?? 0,
		removed: gone,
		newcomers: world.devices.length - 1,
		spoiled: world.spoiled,
		restarts: world.restarts,
		admitted: world.admitted
	};
}

/** All meet, and each does what is to be done when its turn has come and it still is, until nothing is. */
async function quiesce(world: KeysWorld): Promise<boolean> {
	let dueByDuty = new Map<string, number>();
	for (let round = 0; round < endRoundsLimit; round++) {
		await world.meetAll();
		const duties = world.devices.flatMap((device) =>
			device.duties().map((duty) => {
				const name = `${device.recipient} ${JSON.stringify(duty)}`;
				return { device, duty, name, dueMs: dueByDuty.get(name) ?? world.nowMs + device.turn(duty) };
			})
		);
		if (duties.length === 0) return true;
		dueByDuty = new Map(duties.map(({ name, dueMs }) => [name, dueMs]));
		for (const { device, duty, dueMs } of duties.sort((a, b) => a.dueMs - b.dueMs)) {
			const before = device.entries.size;
			world.nowMs = Math.max(world.nowMs + 1, dueMs);
			await device.fulfil(duty);
			if (device.entries.size > before) break;
		}
	}
	return false;
}

type Fail = (violation: Violation, what: string) => void;

function checkAgreement(members: readonly ModelDevice[], fail: Fail): void {
	const chosen = new Set(
		members.map((device) => epochToWriteUnder(device.graph, device.holdings)?.id ?? 'none')
	);
	if (chosen.size !== 1 || chosen.has('none')) fail('no-agreement', [...chosen].join(' '));
}

function checkOrder(world: KeysWorld, members: readonly ModelDevice[], fail: Fail): void {
	const random = new SeededRandom(world.seed);
	for (const device of members) {
		const said = [...device.entries.values(), ...device.messages.values()];
		const graph = new EpochGraph(
			world.tamper(factsOf(random.shuffled(device.visible), random.shuffled(said), world.nowHlc))
		);
		const follows = (of: EpochGraph): string =>
			JSON.stringify([
				epochToWriteUnder(of, device.holdings)?.id,
				[...of.byId.keys()].sort().map((id) => [id, of.isClean(id), [...of.holdersOf(id)].sort()])
			]);
		if (follows(graph) !== follows(device.graph)) fail('order', device.recipient);
	}
}

/** Everybody verifies everything; and reads all, or all that was said to them. */
function checkMembers(
	world: KeysWorld,
	truth: ModelFacts,
	members: readonly ModelDevice[],
	fail: Fail
): void {
	for (const device of members) {
		const hidden = [...device.entries.values()].filter(
			({ under, id }) =>
				!device.keyring.holds(under, 'control') && members.some((m) => m.facts.counts.has(id))
		);
		if (hidden.length > 0)
			fail(
				'shut-out',
				`${device.recipient} cannot read ${hidden.map((e) => `${e.says.type} ${e.id}`).join(' ')}`
			);
		if (world.fixedHistory === null) continue;
		for (const message of device.messages.values()) {
			const { id, under, readers, device: author } = message;
			if (!truth.mayCount(message) || device.keyring.holds(under, 'secret')) continue;
			// A device that is gone and gave it to nobody (its seals were garbage) has taken it along.
			const isKeptBySomebody = members.some(({ keyring }) => keyring.holds(under, 'secret'));
			if (!isKeptBySomebody && members.every(({ recipient }) => recipient !== author)) continue;
			if (!isClosed(world) || readers.has(device.recipient))
				fail('shut-out', `${device.recipient} cannot read ${id} under ${under}`);
		}
	}
}

/** Of all that was said, whoever can read it. */
function graphOfAll(world: KeysWorld): EpochGraph {
	const entries = [...new Map(world.devices.flatMap((device) => [...device.entries])).values()];
	const messages = world.devices.flatMap((device) => [...device.messages.values()]);
	return new EpochGraph(factsOf(entries, [...entries, ...messages], world.nowHlc));
}

/**
 * Everything that somebody who is gone could bring together, from anywhere, out of what an author knew who knew that they
 * were gone. (What others gave them later, who did not know, nobody can take back.)
 */
async function checkGone(world: KeysWorld, graph: EpochGraph, fail: Fail): Promise<void> {
	const entries = new Map(world.devices.flatMap((device) => [...device.entries]));
	const messages = new Map(world.devices.flatMap((device) => [...device.messages]));
	const truth = new GraphCache((facts) => facts);
	// What somebody does who is no member themselves is their own affair.
	const isMember = (recipient: string): boolean => graph.facts.devices.get(recipient)?.isMember === true;
	const acts = [...world.madeEpochs]
		.filter(([, { by }]) => isMember(by.recipient))
		.map(([id, { knew }]) => ({ what: `epoch ${id}`, under: id, knew }));
	for (const { id, device, under, knew } of messages.values())
		if (isMember(device)) acts.push({ what: id, under, knew });
	for (const device of world.devices) {
		if ((graph.facts as ModelFacts).devices.get(device.recipient)?.isMember !== false) continue;
		const all = await bringTogether(world, device, graph);
		for (const { what, under, knew } of acts) {
			if (!all.holds(under, 'control')) continue;
			const known = [...entries.values()].filter((entry) => knew.has(entry.id) || begins(entry, under));
			// Its epoch is one that somebody uses, whoever that is.
			const use = { id: `use of ${under}`, device: '', account: '', under };
			const then = truth.graphOf(known, [use], world.nowHlc);
			if (!(then.facts as ModelFacts).gone.has(device.recipient)) continue;
			if ((await bringTogether(world, device, then)).holds(under, 'control'))
				fail('opened-after-removal', `${device.recipient} opens ${what} under ${under}`);
		}
	}
}

function begins({ says }: ModelEntry, epoch: string): boolean {
	if (says.type === 'past') return toBase64url(says.record.epoch) === epoch;
	const part = says.type === 'epoch' || says.type === 'remove' ? says.epoch : null;
	return part !== null && toBase64url(epochIdOf(part.commitment)) === epoch;
}

async function bringTogether(
	world: KeysWorld,
	device: ModelDevice,
	graph: EpochGraph
): Promise<EpochKeyring> {
	const keyring = new EpochKeyring(world.ports, world.conversation, device.keys);
	for (const { secret, kind } of device.given) keyring.learn(secret, kind);
	for (const { keys, name } of device.links) if (graph.facts.invites.has(name)) keyring.addInvite(keys);
	for (let found = true; found;) {
		// Links that were passed on in the group, to whoever could read there.
		for (const { keys, under, name } of world.invites)
			if (keyring.holds(under, 'secret') && graph.facts.invites.has(name)) keyring.addInvite(keys);
		found = (await keyring.open(graph)).length > 0;
	}
	return keyring;
}

/** Whoever came by links that want somebody's word, and has had nobody's, opens no message with all that there is. */
async function checkWaiting(world: KeysWorld, graph: EpochGraph, fail: Fail): Promise<void> {
	const entries = world.devices.flatMap((device) => [...device.entries.values()]);
	const added = new Set(entries.flatMap(({ says }) => (says.type === 'add' ? [says.account] : [])));
	for (const device of world.devices) {
		const { comeBy, account } = device;
		if (comeBy.length === 0 || added.has(account) || comeBy.some(({ wants }) => wants === 'nothing'))
			continue;
		const all = await bringTogether(world, device, graph);
		const opened = all.held.filter(({ secret }) => secret !== null);
		if (opened.length > 0)
			fail('opened-before-let-in', `${device.recipient} holds ${opened.map(({ id }) => id).join(' ')}`);
	}
}

const isClosed = ({ fixedHistory }: KeysWorld): boolean =>
	fixedHistory === 'control' || fixedHistory === 'none';

/** Where nothing older is passed on: everybody is shown what is said to them, and nothing that was known before them. */
function checkShown(world: KeysWorld, graph: EpochGraph, fail: Fail): void {
	if (world.fixedHistory !== 'none') return;
	for (const { recipient, account, messages } of world.devices) {
		if (graph.facts.devices.get(recipient)?.isMember !== true) continue;
		const isRead = (id: string): boolean => graph.rightTo(id, recipient) === 'secret';
		const firsts = [...graph.byId.values()].filter(
			({ id, counts, parents }) => counts && isRead(id) && !parents.some(isRead)
		);
		for (const { id, under, segment } of messages.values()) {
			const epoch = graph.byId.get(under);
			if (epoch === undefined || !epoch.counts) continue;
			const isShown = graph.isShown(segment, account);
			if (isRead(under) && !isShown) fail('shut-out', `${recipient} is not shown ${id} in ${segment}`);
			if (isRead(under) || !isShown) continue;
			const known = firsts.find(
				(first) => first.firstSegment <= segment && world.madeEpochs.get(first.id)?.messages.has(id) === true
			);
			if (known !== undefined)
				fail('shown-before-join', `${recipient} is shown ${id} in ${segment}, known to ${known.id}`);
		}
	}
}

/** Who knew of somebody, whether or not they counted them, has not written before they came. */
function checkNewcomers(world: KeysWorld, fail: Fail): void {
	if (!isClosed(world)) return;
	const isLate = (invite: string): boolean =>
		world.invites.some(({ name, wants }) => name === invite && wants !== 'nothing');
	for (const device of world.devices) {
		const joins = [...device.entries.values()]
			.filter(
				({ account, says }) =>
					(account === device.account &&
						(says.type === 'genesis' || (says.type === 'join' && !isLate(says.invite)))) ||
					(says.type === 'add' && says.account === device.account)
			)
			.map(({ id }) => id);
		for (const { id, under, knew, account } of device.messages.values())
			if (
				account !== device.account &&
				device.keyring.holds(under, 'secret') &&
				!joins.some((join) => knew.has(join))
			)
				fail('opened-before-join', `${device.recipient} opens ${id} under ${under}`);
	}
}
