/** What has to hold when everything is healed. Each thing that does not is one line of a problem. */
import type * as Y from 'yjs';
import type { Authority } from '../../src/lib/conversation/authority';
import type { ProjectedMessage } from '../../src/lib/conversation/ports';
import { toBase64url } from '../../src/lib/protocol/base64url';
import type { About } from './ledger';
import type { SimulatedGroup } from './simulated-group';
import type { SimulatedDevice } from './simulated-device';

export interface Problem {
	readonly kind:
		| 'lost'
		| 'forged'
		| 'diverged'
		| 'doubled'
		| 'pending'
		| 'delivered'
		| 'ownReject'
		| 'exception'
		| 'violation';
	readonly what: string;
}

const inOrder = (a: ProjectedMessage, b: ProjectedMessage): number =>
	a.time - b.time || (a.id < b.id ? -1 : 1);

const sorted = <V>(map: ReadonlyMap<unknown, V>): [string, V][] =>
	[...map].map(([key, value]): [string, V] => [String(key), value]).sort(([a], [b]) => (a < b ? -1 : 1));

function describe(authority: Authority): string {
	const { name, founded, createdHlc } = authority;
	const maps = [
		authority.memberByAccount,
		authority.accountByGrant,
		authority.controlLaneByNumber,
		authority.inviteByKey,
		authority.forkClockByLane
	];
	return JSON.stringify([
		name,
		founded,
		createdHlc,
		...maps.map((map) => sorted(map as ReadonlyMap<unknown, unknown>))
	]);
}

export function judge(group: SimulatedGroup): Problem[] {
	const problems: Problem[] = [];
	const problem = (kind: Problem['kind'], what: string): void => void problems.push({ kind, what });
	for (const device of group.devices) {
		checkShown(group, device, problem);
		checkDocuments(group, device, problem);
		checkDelivery(group, device, problem);
	}
	checkAgreement(group, problem);
	for (const reason of group.ownRejects) problem('ownReject', reason);
	for (const reason of group.honestViolations) problem('violation', reason);
	for (const error of group.exceptions)
		problem('exception', error instanceof Error ? (error.stack ?? error.message) : String(error));
	return problems;
}

type Report = (kind: Problem['kind'], what: string) => void;

function checkShown(group: SimulatedGroup, device: SimulatedDevice, problem: Report): void {
	const timesShown = new Map<string, number>();
	for (const message of device.readModel.messageById.values()) {
		timesShown.set(message.text, (timesShown.get(message.text) ?? 0) + 1);
		const saying = group.ledger.sayingByText.get(message.text);
		if (saying?.account !== message.account) problem('forged', `${device.name} shows "${message.text}"`);
		else if (!isAbout(message, saying.about))
			problem('forged', `${device.name} shows "${message.text}" in another place, or asking something else`);
	}
	for (const { text } of group.ledger.saved) {
		if (!timesShown.has(text)) problem('lost', `${device.name} does not show "${text}"`);
	}
	for (const [text, times] of timesShown)
		if (times > 1) problem('doubled', `${device.name} shows "${text}" ${times} times`);
}

function isAbout(message: ProjectedMessage, { reply, thread, poll }: About): boolean {
	const isOf = (id: string | null, said: Uint8Array | undefined): boolean =>
		id === (said === undefined ? null : toBase64url(said));
	return (
		isOf(message.reply, reply) &&
		isOf(message.thread, thread) &&
		JSON.stringify(message.poll) === JSON.stringify(poll ?? null)
	);
}

function checkDocuments(group: SimulatedGroup, device: SimulatedDevice, problem: Report): void {
	for (const [segment, doc] of device.docs) {
		const { pendingStructs, pendingDs } = doc.store;
		if (pendingStructs !== null || pendingDs !== null)
			problem('pending', `${device.name} segment ${segment}`);
		const deleted = [...structsOf(doc)].filter((struct) => struct.deleted).length;
		if (deleted > group.ledger.deletions)
			problem('pending', `${device.name} segment ${segment} has ${deleted} deleted`);
	}
}

function* structsOf(doc: Y.Doc): Generator<{ readonly deleted: boolean }> {
	for (const structs of doc.store.clients.values()) yield* structs;
}

function checkDelivery(group: SimulatedGroup, device: SimulatedDevice, problem: Report): void {
	const { conversation } = device;
	if (conversation === null) return;
	for (const saying of group.ledger.saved) {
		if (saying.device !== device || saying.place === null) continue;
		const { segment, lane, clock } = saying.place;
		// At a dead place this device may hold another branch, and what is said of that one is no word on this.
		if (conversation.isDead(segment, lane, clock)) continue;
		const state = conversation.deliveryOf(segment, lane, clock);
		const isVouched = group.ledger.isVouchedByOther(saying);
		if (!['saving', 'queued', 'sent'].includes(state) && !isVouched) {
			problem('delivered', `${device.name} thinks that "${saying.text}" was delivered`);
		}
	}
}

function checkAgreement(group: SimulatedGroup, problem: Report): void {
	const views = group.devices.map((device) =>
		JSON.stringify([...device.readModel.messageById.values()].sort(inOrder))
	);
	const joined = group.devices.map((device) => JSON.stringify(device.readModel.shown));
	const authorities = group.devices.map(
		(device) => device.conversation && describe(device.conversation.authority)
	);
	group.devices.forEach((device, i) => {
		if (views[i] !== views[0])
			problem('diverged', `${device.name} shows another conversation than ${group.devices[0]?.name}`);
		if (joined[i] !== joined[0])
			problem(
				'diverged',
				`${device.name} shows other things said about messages than ${group.devices[0]?.name}`
			);
		if (authorities[i] !== authorities[0]) problem('diverged', `${device.name} has another authority`);
	});
}
