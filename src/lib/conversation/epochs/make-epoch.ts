/** Draws, seals and links: from what is planned to the records that say it. */
import { fromBase64url, toBase64url } from '../../protocol/base64url';
import type { Bytes } from '../../protocol/crypto';
import { commitmentOfControl, controlSecretOf, epochIdOf, epochSecretLength } from '../../protocol/epoch';
import { sealLink } from '../../protocol/epoch-link';
import {
	revealsPast,
	type EpochPart,
	type ParentLink,
	type PastRecord,
	type Seal,
	type SealedKind,
	type SealRecord
} from '../../protocol/epoch-records';
import { recipientOf } from '../../protocol/seal';
import type { EpochGraph } from './epoch-graph';
import type { EpochKeyring } from './epoch-keyring';
import type { EpochPlan, PlannedSeal } from './epoch-plan';

export interface NewEpoch {
	/** To be said under a parent, see epochToAnnounceUnder. */
	readonly part: EpochPart;
	/** To be said next, under the new epoch. */
	readonly past: PastRecord;
	/** To be stored before either is written; the keyring has learnt it. 32 bytes. */
	readonly secret: Bytes;
}

/** @param randomBytes the engine's */
export async function makeEpoch(
	keyring: EpochKeyring,
	plan: EpochPlan,
	randomBytes: (length: number) => Bytes
): Promise<NewEpoch> {
	const secret = randomBytes(epochSecretLength);
	const commitment = commitmentOfControl(controlSecretOf(secret));
	const id = epochIdOf(commitment);
	const seals = await sealAll(keyring, id, secret, plan.seals);
	keyring.learn(secret, 'secret');
	const past = await makePast(keyring, toBase64url(id), plan.parents, revealsPast(plan.newcomers));
	if (past === null) throw new Error('an epoch none of whose parents its maker holds');
	const parents = plan.parents.map(bytesOf);
	const { newcomers, firstSegment } = plan;
	const begins = firstSegment === undefined ? {} : { firstSegment };
	return { part: { newcomers, ...begins, parents, commitment, seals }, past, secret };
}

/**
 * What leads from an epoch back to its parents. To be written under the epoch itself.
 * @param reveals what was said, too, as far as this device holds it
 * @returns null if this device holds none of the parents, or not the epoch
 */
export async function makePast(
	keyring: EpochKeyring,
	epoch: string,
	parents: readonly string[],
	reveals: boolean
): Promise<PastRecord | null> {
	const links: ParentLink[] = [];
	for (const parent of parents) {
		const control = await linkTo(keyring, epoch, parent, 'control');
		const secret = reveals ? await linkTo(keyring, epoch, parent, 'secret') : null;
		if (control !== null) links.push({ epoch: bytesOf(parent), control, secret });
	}
	return links.length === 0 ? null : { type: 'past', epoch: bytesOf(epoch), links };
}

/**
 * Seals an epoch that exists to devices that lack it.
 * @returns null if this device does not hold it to that extent, or none of the devices has a key that can be sealed to
 */
export async function makeSeals(
	keyring: EpochKeyring,
	graph: EpochGraph,
	epoch: string,
	kind: SealedKind,
	to: readonly string[]
): Promise<SealRecord | null> {
	const secret = keyring.secretOf(epoch, kind);
	if (secret === null) return null;
	const seals: Seal[] = [];
	for (const recipient of to) {
		const device = graph.facts.devices.get(recipient);
		if (device === undefined) continue;
		const seal = await sealTo(keyring, bytesOf(epoch), device.agreement, secret);
		if (seal !== null) seals.push(seal);
	}
	return seals.length === 0 ? null : { type: 'seal', epoch: bytesOf(epoch), kind, seals };
}

async function linkTo(
	keyring: EpochKeyring,
	child: string,
	parent: string,
	kind: SealedKind
): Promise<Bytes | null> {
	const [own, theirs] = [keyring.secretOf(child, kind), keyring.secretOf(parent, kind)];
	if (own === null || theirs === null) return null;
	const place = { conversation: keyring.conversation, kind, child: bytesOf(child), parent: bytesOf(parent) };
	return sealLink(keyring.ports.subtle, place, own, theirs);
}

async function sealAll(
	keyring: EpochKeyring,
	id: Uint8Array,
	secret: Bytes,
	planned: readonly PlannedSeal[]
): Promise<readonly Seal[]> {
	const control = controlSecretOf(secret);
	const seals: Seal[] = [];
	for (const { agreement, kind } of planned) {
		const seal = await sealTo(keyring, id, agreement, kind === 'secret' ? secret : control);
		if (seal !== null) seals.push(seal);
	}
	return seals;
}

/** Null for a key of small order: its owner has shut themselves out. */
async function sealTo(
	keyring: EpochKeyring,
	epoch: Uint8Array,
	agreement: Uint8Array,
	secret: Uint8Array
): Promise<Seal | null> {
	const place = { conversation: keyring.conversation, epoch };
	const seal = await keyring.ports.seals.seal(place, agreement, secret);
	return seal.ok ? { recipient: recipientOf(agreement), ...seal.value } : null;
}

function bytesOf(id: string): Uint8Array {
	const bytes = fromBase64url(id);
	if (!bytes.ok) throw new TypeError(`${id} is no epoch id`);
	return bytes.value;
}
