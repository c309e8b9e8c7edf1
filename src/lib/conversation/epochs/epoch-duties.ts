/**
 * What a device is to do about epochs: write under which, begin one, seal one again, say that one does not open.
 *
 * Whoever wants to write and finds no clean epoch begins one, at once: nothing waits for anybody. Whoever has nothing to
 * write does the same out of courtesy, so that the next writer finds it done; there the members take turns by a rank that
 * follows from what is to be done, each two seconds after the one before, so that not all of them do it at once. If two
 * do all the same, nothing is lost: both epochs are clean, all write under the one with the lower id, and the next epoch
 * has both as parents. No clock decides anything but how long somebody waits before being helpful.
 */
import { compareBytes, ByteWriter } from '../../protocol/bytes';
import { fromBase64url, toBase64url } from '../../protocol/base64url';
import { msOfHlc } from '../../protocol/clock';
import { sha256 } from '../../protocol/crypto';
import { revealsPast, type SealedKind } from '../../protocol/epoch-records';
import { highestFirst, type Epoch, type EpochGraph } from './epoch-graph';

export const refreshAfterMs = 30 * 24 * 60 * 60_000;
const turnMs = 2_000;
const turnsLimit = 15;
/** A device that cannot open what it was given says so, once for each seal; no more often than this. */
export const claimsLimit = 8;

export type Duty =
	| { readonly kind: 'begin'; readonly why: 'none-clean' | 'old' }
	| {
			readonly kind: 'seal';
			readonly epoch: string;
			readonly sealed: SealedKind;
			/** Recipient names. */
			readonly to: readonly string[];
	  }
	| { readonly kind: 'say-past'; readonly epoch: string; readonly parents: readonly string[] }
	| { readonly kind: 'say-unopened'; readonly epochs: readonly string[] };

/** What this device holds. */
export interface Holdings {
	/** Recipient name of this device. */
	readonly recipient: string;
	holds(id: string, kind: SealedKind): boolean;
	/**
	 * Ids of epochs that stand in headers of entries here, control and messages. Of all of them: who cannot read everything
	 * cannot tell what counts.
	 */
	readonly named: ReadonlySet<string>;
}

/** The epoch to write messages under; null if one has to be begun first. */
export function epochToWriteUnder(graph: EpochGraph, { holds }: Holdings): Epoch | null {
	const candidates = [...graph.byId.values()].filter(
		({ id, height, counts }) => height !== null && counts && holds(id, 'secret')
	);
	return candidates.sort(highestFirst).find(({ id }) => graph.isClean(id)) ?? null;
}

/**
 * The epoch under which the record of a new one is sealed: a parent, so that whoever is to follow can. Who was removed
 * sees that something happened, and no more.
 */
export function epochToAnnounceUnder(graph: EpochGraph, { holds }: Holdings): Epoch | null {
	const [first] = graph.frontier((id) => holds(id, 'control'));
	return first ?? null;
}

/**
 * The epoch under which a device says that it cannot open another: the earliest that it holds, because links lead
 * downwards and nearly everybody holds that. Of two that said it under their newest ones, each of which the other cannot
 * open, neither would ever hear. What is given in answer goes under the epoch of the question.
 * @returns its id; null if it holds none
 */
export function epochToAskUnder(graph: EpochGraph, { holds, named }: Holdings): string | null {
	const held = [...new Set([...graph.byId.keys(), ...named])].filter((id) => holds(id, 'control'));
	const rankOf = (id: string): number => graph.byId.get(id)?.height ?? Infinity;
	const roots = held.filter((id) => !graph.byId.get(id)?.parents.some((parent) => holds(parent, 'control')));
	const [first] = roots.sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
	return first ?? null;
}

/** @param nowMs for refreshing only */
export function dutiesOf(graph: EpochGraph, holdings: Holdings, nowMs: number): readonly Duty[] {
	const unopened = unopenedBy(graph, holdings);
	const toSay: readonly Duty[] = unopened.length > 0 ? [{ kind: 'say-unopened', epochs: unopened }] : [];
	// Who cannot read everything does not know who is a member, nor whether they are (a removal may be void by what they
	// cannot read); they can say that. Whom nobody counts nobody answers.
	if (graph.facts.devices.get(holdings.recipient)?.isMember !== true) return toSay;
	const duties = [...toSay];
	const current = epochToWriteUnder(graph, holdings);
	if (current === null) duties.push({ kind: 'begin', why: 'none-clean' });
	else if (nowMs - msOfHlc(current.hlc) > refreshAfterMs) duties.push({ kind: 'begin', why: 'old' });
	return [...duties, ...pastsToSay(graph, holdings), ...sealsToMake(graph, holdings)];
}

/** Frontier epochs for members who lack them, and whatever members say they cannot open. */
function sealsToMake(graph: EpochGraph, { recipient, holds }: Holdings): readonly Duty[] {
	const duties: Duty[] = [];
	const claimed = graph.facts.unopened.map(({ epoch }) => epoch).filter((id) => graph.byId.has(id));
	// One that does not count nobody has to pass through: it is given to whoever asks for it.
	const frontier = graph
		.frontier((id) => holds(id, 'control'))
		.filter(({ counts }) => counts)
		.map(({ id }) => id);
	for (const epoch of new Set([...frontier, ...claimed])) {
		const toByKind = { secret: [] as string[], control: [] as string[] };
		for (const [device, kind] of graph.gapsOf(epoch)) if (device !== recipient) toByKind[kind].push(device);
		for (const sealed of ['secret', 'control'] as const) {
			// Whoever only wants to be told again is told; who never had it is let in where newcomers are.
			const to = toByKind[sealed].filter(
				(device) => frontier.includes(epoch) || graph.claims(epoch, device).said > 0
			);
			if (to.length > 0 && holds(epoch, sealed)) duties.push({ kind: 'seal', epoch, sealed, to });
		}
	}
	return duties;
}

function pastsToSay(graph: EpochGraph, { holds }: Holdings): readonly Duty[] {
	return [...graph.byId.values()].flatMap(({ id, parents, newcomers, counts }): Duty[] => {
		if (!counts || !holds(id, 'control')) return [];
		const missing = parents.filter(
			(parent) =>
				(!graph.isLinked(id, parent, 'control') && holds(parent, 'control')) ||
				(revealsPast(newcomers) &&
					!graph.isLinked(id, parent, 'secret') &&
					holds(id, 'secret') &&
					holds(parent, 'secret'))
		);
		return missing.length === 0 ? [] : [{ kind: 'say-past', epoch: id, parents: missing }];
	});
}

/** What this device was given, or sees others use, and does not hold. */
function unopenedBy(graph: EpochGraph, { recipient, holds, named }: Holdings): readonly string[] {
	// Who waits to be let in wants no more than to see that they are.
	const isMember = graph.facts.devices.get(recipient)?.isMember === true;
	// Where epochs are in use that it cannot place, it may have been given seals and links that it cannot see.
	const isHalfBlind = [...named].some((id) => graph.byId.get(id)?.height == null);
	return [...new Set([...graph.byId.keys(), ...named])].filter((id) => {
		const kind = isMember ? graph.rightTo(id, recipient) : 'control';
		if (holds(id, kind)) return false;
		if (!named.has(id) && !graph.covers(id, recipient, kind)) return false;
		// All that it has said, whether it counts here: who cannot read how it began counts nobody, themselves neither.
		const { length: said } = graph.facts.unopened.filter(
			(claim) => claim.epoch === id && claim.recipient === recipient
		);
		const given = graph.sealsOf(id).filter((seal) => toBase64url(seal.recipient) === recipient).length;
		const sources = Math.max(given, graph.claims(id, recipient).sources);
		return said < Math.min(claimsLimit, Math.max(1, sources + (isHalfBlind ? 1 : 0)));
	});
}

/**
 * How long to wait before doing it, if nobody has by then. Saying of oneself that something does not open needs no turn.
 * @returns milliseconds
 */
export function turnOf(graph: EpochGraph, { recipient }: Holdings, duty: Duty): number {
	if (duty.kind === 'say-unopened') return 0;
	const subject = 'epoch' in duty ? [duty.epoch] : [...graph.byId.keys()].sort();
	const rankOf = (name: string): Uint8Array => {
		const writer = new ByteWriter().label('turn/1').label(duty.kind);
		for (const id of [...subject, name]) writer.raw(bytesOf(id));
		return sha256(writer.done());
	};
	const own = rankOf(recipient);
	let turn = 0;
	for (const [name] of graph.members()) if (compareBytes(rankOf(name), own) < 0) turn++;
	return Math.min(turn, turnsLimit) * turnMs;
}

function bytesOf(name: string): Uint8Array {
	const bytes = fromBase64url(name);
	if (!bytes.ok) throw new TypeError(`${name} is no name of ours`);
	return bytes.value;
}
