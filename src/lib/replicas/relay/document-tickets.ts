/**
 * Answers a relay's challenges for one document (docs/decisions/0014): with the key that the document has, if an epoch
 * known here gives it; with a rotation behind it, if that epoch is not the newest; and where the document's key is not
 * known here, with this device's own lane, or with the newest key it has, which may still be good for reading.
 */
import { ByteWriter, equalBytes, type MalformedReason } from '../../protocol/bytes';
import type { SigningKeys } from '../../protocol/crypto';
import { fail, ok, type Result } from '../../protocol/result';
import {
	challengeMessageType,
	createRotation,
	createTicket,
	decodeChallenge,
	deriveAccessKeys,
	rotationMessageType,
	ticketMessageType,
	type AccessMode,
	type Rotation,
	type TicketKind
} from '../../protocol/ticket';

export interface DocumentTicketsOptions {
	readonly subtle: SubtleCrypto;
	/** The segment's context. */
	readonly document: Uint8Array;
	/** Of the relay, as it was dialled: host, or host:port. */
	readonly host: string;
	/** Of the epochs known here: the one to write under first, then the others, newest first. Not empty. */
	readonly accessSecrets: () => readonly Uint8Array[];
	/** What a rotation says of the keys that end with it; nothing and nobody reads on if absent. */
	readonly terms?: () => Pick<Rotation, 'readUntilSeconds' | 'readerLanes'>;
	/** Keys of this device's lane in the document, or null. */
	readonly ownLane?: () => SigningKeys | null;
}

/** What is to be known of keys to open one segment at any relay. */
export type SegmentKeys = Pick<DocumentTicketsOptions, 'accessSecrets' | 'terms' | 'ownLane'>;

export type ChallengeRejection = MalformedReason | 'no-challenge';

const frame = (type: number, body: Uint8Array): Uint8Array =>
	new ByteWriter(body.length + 1).u8(type).raw(body).done();

export class DocumentTickets {
	readonly #keysBySecret = new WeakMap<Uint8Array, Promise<SigningKeys>>();
	/** Of the ways in with a key that is not the document's, how many have been tried in vain. */
	#tried = 0;

	constructor(readonly options: DocumentTicketsOptions) {}

	/** After a refusal: whether there is something else to come back with at once. */
	get hasAnotherWay(): boolean {
		return this.#tried > 0 && this.#tried < this.#strangersWays().length;
	}

	/** The relay has let us in: when it asks again, all ways are worth another try. */
	entered(): void {
		this.#tried = 0;
	}

	/** @returns the frames to send before anything else */
	async answer(bytes: Uint8Array): Promise<Result<readonly Uint8Array[], ChallengeRejection>> {
		if (bytes[0] !== challengeMessageType) return fail('no-challenge');
		const challenge = decodeChallenge(bytes.subarray(1));
		if (!challenge.ok) return challenge;
		const { nonce, generation, current } = challenge.value;
		const newest = await this.#keysOf(this.#secrets()[0]);
		const holder = current === null ? newest : await this.#holderOf(current);
		if (holder === null) return ok([await this.#strangersTicket(nonce)]);
		this.#tried = 0;
		const ticket = await this.#ticket(holder, nonce, 'access', 'write');
		return ok(holder === newest ? [ticket] : [ticket, await this.#rotation(holder, newest, generation + 1)]);
	}

	#secrets(): readonly Uint8Array[] {
		return this.options.accessSecrets();
	}

	#keysOf(secret: Uint8Array | undefined): Promise<SigningKeys> {
		if (secret === undefined) throw new Error('a document is opened with at least one epoch');
		const { subtle, document } = this.options;
		const keys = this.#keysBySecret.get(secret) ?? deriveAccessKeys(subtle, secret, document);
		this.#keysBySecret.set(secret, keys);
		return keys;
	}

	async #holderOf(publicKey: Uint8Array): Promise<SigningKeys | null> {
		for (const secret of this.#secrets()) {
			const keys = await this.#keysOf(secret);
			if (equalBytes(keys.publicKey, publicKey)) return keys;
		}
		return null;
	}

	#strangersWays(): readonly TicketKind[] {
		return (this.options.ownLane?.() ?? null) === null ? ['access'] : ['lane', 'access'];
	}

	async #strangersTicket(nonce: Uint8Array): Promise<Uint8Array> {
		const ways = this.#strangersWays();
		const lane = this.options.ownLane?.() ?? null;
		const kind = ways[this.#tried++ % ways.length] ?? 'access';
		const keys = kind === 'lane' && lane !== null ? lane : await this.#keysOf(this.#secrets()[0]);
		return this.#ticket(keys, nonce, kind, 'read');
	}

	async #ticket(
		keys: SigningKeys,
		nonce: Uint8Array,
		kind: TicketKind,
		mode: AccessMode
	): Promise<Uint8Array> {
		const { subtle, document, host } = this.options;
		return frame(ticketMessageType, await createTicket(subtle, keys, document, nonce, { kind, mode, host }));
	}

	async #rotation(current: SigningKeys, next: SigningKeys, generation: number): Promise<Uint8Array> {
		const { subtle, document, terms } = this.options;
		const rotation = {
			generation,
			next: next.publicKey,
			...(terms?.() ?? { readUntilSeconds: 0, readerLanes: [] })
		};
		return frame(rotationMessageType, await createRotation(subtle, current, document, rotation));
	}
}
