/**
 * The epochs that a device holds. It opens what is sealed to its device key, or to an invitation whose seed it has, walks
 * links from there, and takes nothing that does not fit the commitment by which the epoch is known.
 */
import { fromBase64url, toBase64url } from '../../protocol/base64url';
import type { Bytes, SigningKeys } from '../../protocol/crypto';
import {
	commitmentOfControl,
	controlSecretOf,
	deriveControlKeys,
	deriveEpochKeys,
	epochIdOf,
	type EpochControlKeys,
	type EpochKeys
} from '../../protocol/epoch';
import { openLink } from '../../protocol/epoch-link';
import type { ParentLink, Seal, SealedKind } from '../../protocol/epoch-records';
import { recipientOf, type SealPort } from '../../protocol/seal';
import type { EpochGraph } from './epoch-graph';

/** To be kept on the device; it cannot be fetched again. */
export interface HeldEpoch {
	/** Base64url. */
	readonly id: string;
	/** Null where membership may be verified and nothing read. */
	readonly secret: Bytes | null;
	readonly controlSecret: Bytes;
}

/** What a secret gives to hold. @param kind whether it is the whole secret, or the control secret alone */
export function heldEpochOf(secret: Uint8Array, kind: SealedKind): HeldEpoch {
	const whole = kind === 'secret' ? (secret.slice() as Bytes) : null;
	const controlSecret = whole === null ? (secret.slice() as Bytes) : controlSecretOf(whole);
	const id = toBase64url(epochIdOf(commitmentOfControl(controlSecret)));
	return { id, secret: whole, controlSecret };
}

export interface KeyringPorts {
	readonly subtle: SubtleCrypto;
	readonly seals: SealPort;
}

export class EpochKeyring {
	readonly #heldById = new Map<string, HeldEpoch>();
	readonly #keysById = new Map<string, Promise<EpochKeys | EpochControlKeys>>();
	readonly #recipients = new Map<string, SigningKeys>();
	/** Seals, and links by their kinds: what they gave once is all that they give. */
	readonly #tried = {
		seal: new WeakSet<Seal>(),
		secret: new WeakSet<ParentLink>(),
		control: new WeakSet<ParentLink>()
	};

	/**
	 * @param device X25519 keys of this device
	 * @param held from before
	 */
	constructor(
		readonly ports: KeyringPorts,
		readonly conversation: Uint8Array,
		device: SigningKeys,
		held: Iterable<HeldEpoch> = []
	) {
		this.#recipients.set(toBase64url(recipientOf(device.publicKey)), device);
		for (const epoch of held) this.#heldById.set(epoch.id, epoch);
	}

	/** Of an invitation that this device came by, see agreementKeysOfSeed. */
	addInvite(keys: SigningKeys): void {
		this.#recipients.set(toBase64url(recipientOf(keys.publicKey)), keys);
	}

	get held(): readonly HeldEpoch[] {
		return [...this.#heldById.values()];
	}

	holds(id: string, kind: SealedKind): boolean {
		const held = this.#heldById.get(id);
		return held !== undefined && (kind === 'control' || held.secret !== null);
	}

	/** @returns 32 bytes, or null if this device does not hold it */
	secretOf(id: string, kind: SealedKind): Bytes | null {
		const held = this.#heldById.get(id);
		if (held === undefined) return null;
		return kind === 'secret' ? held.secret : held.controlSecret;
	}

	/** Keys by the id in an entry's header; without a message key where nothing may be read; null if it is not held. */
	keysOf(id: string): Promise<EpochKeys | EpochControlKeys> | null {
		const held = this.#heldById.get(id);
		if (held === undefined) return null;
		const known = this.#keysById.get(id);
		if (known !== undefined) return known;
		const { subtle } = this.ports;
		const keys =
			held.secret === null
				? deriveControlKeys(subtle, this.conversation, held.controlSecret)
				: deriveEpochKeys(subtle, this.conversation, held.secret);
		this.#keysById.set(id, keys);
		return keys;
	}

	/**
	 * Takes a secret that came by a link of an invitation, or was drawn here.
	 * @returns its epoch's id, base64url
	 */
	learn(secret: Uint8Array, kind: SealedKind): string {
		const held = heldEpochOf(secret, kind);
		if (!this.holds(held.id, kind)) {
			this.#heldById.set(held.id, held);
			this.#keysById.delete(held.id);
		}
		return held.id;
	}

	/**
	 * Opens all that can be opened now.
	 * @returns ids of epochs that are held now, or to a greater extent than before
	 */
	async open(graph: EpochGraph): Promise<readonly string[]> {
		const opened = new Set<string>();
		for (const id of graph.sealedIds()) if (await this.#openSeals(graph, id)) opened.add(id);
		for (const open = [...this.#heldById.keys()]; open.length > 0;) {
			for (const parent of await this.#followLinks(graph, open.pop() as string)) {
				opened.add(parent);
				open.push(parent);
			}
		}
		return [...opened];
	}

	async #openSeals(graph: EpochGraph, id: string): Promise<boolean> {
		if (this.holds(id, 'secret')) return false;
		const before = this.#heldById.get(id);
		const place = { conversation: this.conversation, epoch: bytesOf(id) };
		for (const seal of graph.sealsOf(id)) {
			const keys = this.#recipients.get(toBase64url(seal.recipient));
			if (keys === undefined || this.#tried.seal.has(seal)) continue;
			this.#tried.seal.add(seal);
			const opened = await this.ports.seals.open(place, keys, seal);
			if (opened.ok) this.#take(id, opened.value);
			if (this.holds(id, 'secret')) break;
		}
		return this.#heldById.get(id) !== before;
	}

	async #followLinks(graph: EpochGraph, id: string): Promise<readonly string[]> {
		const found: string[] = [];
		for (const link of graph.linksOf(id)) {
			const parent = toBase64url(link.epoch);
			const before = this.#heldById.get(parent);
			for (const kind of ['secret', 'control'] as const) {
				const sealed = link[kind];
				const own = this.secretOf(id, kind);
				if (sealed === null || own === null || this.holds(parent, kind)) continue;
				if (this.#tried[kind].has(link)) continue;
				this.#tried[kind].add(link);
				const place = { conversation: this.conversation, kind, child: bytesOf(id), parent: link.epoch };
				const opened = await openLink(this.ports.subtle, place, own, sealed);
				if (opened.ok) this.#take(parent, opened.value);
			}
			if (this.#heldById.get(parent) !== before) found.push(parent);
		}
		return found;
	}

	/** Learns it if it is what the epoch's name commits to, or the control secret of that. */
	#take(id: string, secret: Bytes): void {
		for (const kind of ['secret', 'control'] as const) {
			const control = kind === 'secret' ? controlSecretOf(secret) : secret;
			if (toBase64url(epochIdOf(commitmentOfControl(control))) === id) this.learn(secret, kind);
		}
	}
}

function bytesOf(id: string): Uint8Array {
	const bytes = fromBase64url(id);
	if (!bytes.ok) throw new TypeError(`${id} is no epoch id`);
	return bytes.value;
}
