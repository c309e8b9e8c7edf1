/**
 * The keys of a conversation on this device: which epochs it holds, what follows for them from the control entries, and
 * under which to write. Opens what can be opened as entries come; keeps it before anything depends on it.
 */
import { toBase64url } from '../../protocol/base64url';
import { equalBytes } from '../../protocol/bytes';
import { hlcOfMs } from '../../protocol/clock';
import type { Bytes, SigningKeys } from '../../protocol/crypto';
import { opens, type EntryClass, type HeldKeys } from '../../protocol/entry';
import { accessSecretOf, type EpochControlKeys, type EpochKeys } from '../../protocol/epoch';
import type { SealedKind } from '../../protocol/epoch-records';
import { hintsLimit } from '../../protocol/handshake';
import { agreementKeysOfSeed } from '../../protocol/invite-link';
import { fail, ok, type Result } from '../../protocol/result';
import { recipientOf } from '../../protocol/seal';
import type { Authority, ReadsStatements } from '../authority';
import { epochToAnnounceUnder, epochToWriteUnder, type Holdings } from '../epochs/epoch-duties';
import type { EpochFacts } from '../epochs/epoch-facts';
import { EpochGraph, highestFirst, type Epoch } from '../epochs/epoch-graph';
import { EpochKeyring } from '../epochs/epoch-keyring';
import { planEpoch } from '../epochs/epoch-plan';
import { makeEpoch, type NewEpoch } from '../epochs/make-epoch';
import type { OpenedEntry } from '../opening';
import type { ConversationIdentity, ConversationPorts, JournalFailure } from '../ports';
import { EpochFactsReader } from './epoch-facts-reader';

/**
 * How far ahead of this device's clock an epoch may claim to be: a clock that is wrong by more cannot load the app,
 * since certificates of servers are good for a year. Whoever dates one ahead only makes others date theirs after it.
 */
const aheadMs = 400 * 24 * 60 * 60_000;
/** Names of epochs that messages stand under and that are not held; more would be somebody's idea of fun. */
const namedLimit = 1_024;

/** What is here to read. */
export interface ControlEntries {
	readonly authority: Authority;
	readonly entries: readonly OpenedEntry[];
	readonly waiting: readonly OpenedEntry[];
}

export interface DrawnEpoch extends NewEpoch {
	/** Base64url. */
	readonly id: string;
	/** It is to be said at this time or later (HLC): no epoch is older than its parents. */
	readonly notBefore: number;
}

interface View {
	readonly graph: EpochGraph;
	readonly holdings: Holdings;
	/** Undefined until it is asked for. */
	current?: Epoch | null;
}

const isWhole = (keys: HeldKeys): keys is EpochKeys => 'messageKey' in keys;

export class ConversationKeys {
	readonly #reader: EpochFactsReader;
	/** Stand in headers of messages, and are not held. */
	readonly #named = new Set<string>();
	#last: { readonly epoch: Uint8Array; readonly keys: Promise<HeldKeys> } | null = null;
	readonly #accessSecretById = new Map<string, Bytes>();
	#handshakeEpochs: readonly EpochControlKeys[] = [];
	#view: View | null = null;

	private constructor(
		readonly ring: EpochKeyring,
		readonly ports: ConversationPorts,
		readonly recipient: string,
		readonly control: () => ControlEntries,
		statements: ReadsStatements
	) {
		this.#reader = new EpochFactsReader(statements);
	}

	/** @param control what there is to read whenever it is asked for */
	static async open(
		identity: ConversationIdentity,
		ports: ConversationPorts,
		control: () => ControlEntries,
		statements: ReadsStatements
	): Promise<ConversationKeys> {
		const { subtle } = ports.crypto;
		const device: SigningKeys = {
			publicKey: identity.certificate.agreement as SigningKeys['publicKey'],
			privateKey: identity.agreementPrivateKey
		};
		const held = await ports.epochs.load();
		const ring = new EpochKeyring({ subtle, seals: ports.seals }, identity.conversation, device, held);
		ring.learn(identity.epoch.secret, identity.epoch.kind);
		for (const seed of identity.inviteSeeds) ring.addInvite(await agreementKeysOfSeed(subtle, seed));
		return new ConversationKeys(ring, ports, toBase64url(recipientOf(device.publicKey)), control, statements);
	}

	/** See OpeningContext. */
	keysOf(epoch: Uint8Array, entryClass: EntryClass): Promise<HeldKeys> | null {
		// Almost always the same as the one before.
		if (this.#last !== null && equalBytes(this.#last.epoch, epoch)) return this.#last.keys;
		const id = toBase64url(epoch);
		const keys = this.ring.keysOf(id);
		const isWhole = this.ring.holds(id, 'secret');
		if (entryClass === 'message' && !isWhole && this.#named.size < namedLimit) this.#named.add(id);
		if (keys !== null && isWhole) this.#last = { epoch: epoch.slice(), keys };
		return keys;
	}

	/** Control entries have come: whatever follows from them is to be worked out anew. */
	changed(): void {
		this.#view = null;
	}

	get graph(): EpochGraph {
		return this.#seen.graph;
	}

	/** What this device holds, for the rules of `epochs`. */
	get holdings(): Holdings {
		return this.#seen.holdings;
	}

	get #seen(): View {
		this.#view ??= {
			graph: new EpochGraph(this.factsWith([])),
			holdings: {
				recipient: this.recipient,
				holds: (id: string, kind: SealedKind) => this.ring.holds(id, kind),
				named: new Set([
					...this.#named,
					...[...this.control().entries, ...this.control().waiting].map(({ epoch }) => epoch)
				])
			}
		};
		return this.#view;
	}

	/** @param more entries as if they stood in the control segment. @param authority with them */
	factsWith(more: readonly OpenedEntry[], authority = this.control().authority): EpochFacts {
		const { entries, waiting } = this.control();
		return this.#reader.read({
			authority,
			entries: more.length === 0 ? entries : [...entries, ...more],
			waiting,
			named: this.#named,
			latestHlc: hlcOfMs(this.ports.clock.nowMs() + aheadMs)
		});
	}

	/**
	 * Opens what seals and links give now.
	 * @returns ids of epochs that are held now, or to a greater extent than before
	 */
	async openMore(): Promise<readonly string[]> {
		const opened = await this.ring.open(this.graph);
		if (opened.length === 0) return opened;
		this.#last = null;
		this.changed();
		for (const id of opened) if (this.ring.holds(id, 'secret')) this.#named.delete(id);
		// They can be opened again as long as the entries are here; so a disk that refuses now stops nothing.
		await this.ports.epochs.keep(this.ring.held.filter(({ id }) => opened.includes(id)));
		return opened;
	}

	/** The epoch under which to write; null if there is no clean one. */
	get current(): Epoch | null {
		const seen = this.#seen;
		if (seen.current === undefined) seen.current = epochToWriteUnder(seen.graph, seen.holdings);
		return seen.current;
	}

	/** Whether this device is a member's and knows an epoch to begin from. A direct conversation has one for good. */
	get mayBegin(): boolean {
		const { genesis, devices } = this.graph.facts;
		return genesis !== null && devices.get(this.recipient)?.isMember === true;
	}

	/** Ids of the epochs that are held: the one to write under first, then by height. */
	get heldInOrder(): readonly string[] {
		const { graph } = this;
		const placed = this.ring.held.flatMap(({ id }) => graph.byId.get(id) ?? []).sort(highestFirst);
		const ids = [...placed.map(({ id }) => id), ...this.ring.held.map(({ id }) => id).reverse()];
		const current = this.current?.id;
		return [...new Set(current === undefined ? ids : [current, ...ids])];
	}

	/** What opens documents at relays, see EpochControlKeys: of the epoch to write under first, then by height. */
	get accessSecrets(): readonly Bytes[] {
		return this.heldInOrder.map((id) => {
			const known = this.#accessSecretById.get(id);
			if (known !== undefined) return known;
			const control = this.ring.secretOf(id, 'control');
			if (control === null) throw new Error('an epoch that is held has its control secret');
			const secret = accessSecretOf(this.ring.conversation, control);
			this.#accessSecretById.set(id, secret);
			return secret;
		});
	}

	/** By which this device can be met, the newest first; as of the last `ready`. */
	get handshakeEpochs(): readonly EpochControlKeys[] {
		return this.#handshakeEpochs;
	}

	/** Makes ready what has to be at hand at once. To be awaited when other epochs are held than before. */
	async ready(): Promise<void> {
		const ids = this.heldInOrder.slice(0, hintsLimit);
		const keys = await Promise.all(ids.map((id) => this.ring.keysOf(id)));
		this.#handshakeEpochs = keys.filter((each) => each !== null);
	}

	/**
	 * Id of the epoch under which to write an entry: the clean one; where there is none (this device is no member's, or
	 * knows nothing yet), the highest that is held. Null if none opens entries of this class.
	 */
	async toWriteUnder(entryClass: EntryClass): Promise<string | null> {
		const { current } = this;
		if (current !== null) return current.id;
		for (const id of this.heldInOrder) {
			const keys = await this.ring.keysOf(id);
			if (keys !== null && opens(keys, entryClass)) return id;
		}
		return null;
	}

	/** Keys of the epoch under which messages are written now. @throws Error if there is none */
	async keysToWrite(): Promise<EpochKeys> {
		const id = await this.toWriteUnder('message');
		const keys = id === null ? null : await this.ring.keysOf(id);
		if (keys === null || !isWhole(keys)) throw new Error('no epoch to write under is held');
		return keys;
	}

	/** Under which to say that an epoch begins; null if this device holds none that is known. */
	get toAnnounceUnder(): string | null {
		return epochToAnnounceUnder(this.graph, this.holdings)?.id ?? null;
	}

	/**
	 * Draws an epoch, and keeps it.
	 * @param facts as they are to be; for a removal, without whom it removes
	 * @param unusedSegment see `planEpoch`
	 * @returns null if this device holds none to begin from, or the group is too large for one record
	 */
	async draw(facts: EpochFacts, unusedSegment: number): Promise<Result<DrawnEpoch | null, JournalFailure>> {
		const graph = new EpochGraph(facts);
		const holdsControl = (id: string): boolean => this.ring.holds(id, 'control');
		const plan = planEpoch(graph, holdsControl, this.ports.clock.nowMs(), unusedSegment);
		if (plan === null) return ok(null);
		const drawn = await makeEpoch(this.ring, plan, (length) => this.ports.crypto.randomBytes(length));
		const id = toBase64url(drawn.past.epoch);
		const kept = await this.ports.epochs.keep(this.ring.held.filter((held) => held.id === id));
		if (!kept.ok) return fail(kept.reason);
		const notBefore = Math.max(0, ...plan.parents.map((parent) => graph.byId.get(parent)?.hlc ?? 0));
		return ok({ ...drawn, id, notBefore });
	}
}
