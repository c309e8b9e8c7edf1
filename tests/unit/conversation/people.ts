/** People of one group in memory: real conversations, whose entries a test carries from one to the other. */
import * as Y from 'yjs';
import type { SaidEntry } from '../../../src/lib/conversation/acts/delete';
import { Conversation } from '../../../src/lib/conversation/conversation';
import {
	foundGroup,
	invite,
	joiningIdentity,
	writeFounding,
	writeJoin,
	type Author,
	type InviteTerms
} from '../../../src/lib/conversation/founding';
import type {
	ConversationIdentity,
	Erasure,
	JournalEntry,
	LaneCursor,
	OwnLane,
	ProjectedAct,
	ProjectedDeletion,
	ProjectedMessage,
	Projection,
	RedactedEntry,
	SegmentMeta,
	Sharing
} from '../../../src/lib/conversation/ports';
import { HybridClock } from '../../../src/lib/protocol/clock';
import { Deletions } from '../../../src/lib/conversation/content/deletions';
import { shownMessages, type ShownMessage } from '../../../src/lib/conversation/content/shown-message';
import type { HeldEpoch } from '../../../src/lib/conversation/epochs/epoch-keyring';
import type { CryptoPort, SigningKeys } from '../../../src/lib/protocol/crypto';
import type { InviteLink } from '../../../src/lib/protocol/invite-link';
import type { ContentRecord } from '../../../src/lib/protocol/records';
import { placeholder } from '../../../src/lib/protocol/guard/update';
import { ok } from '../../../src/lib/protocol/result';
import type { SealPort } from '../../../src/lib/protocol/seal';
import { newAccount } from '../../new-account';
import { fakeSealPort } from '../../simulation/keys/fake-seals';
import { seededCryptoPort } from '../../simulation/seeded-crypto';
import { SeededRandom } from '../../simulation/seeded-random';

const nowMs = 1_800_000_000_000;

export class Person {
	readonly #lanes: OwnLane[] = [];
	#journalled: JournalEntry[] = [];
	readonly #docs = new Map<number, Y.Doc>();
	readonly #redacted = new Map<number, readonly RedactedEntry[]>();
	readonly #metas = new Map<number, SegmentMeta>();
	readonly #cursorByLane = new Map<string, LaneCursor>();
	readonly #shownById = new Map<string, ProjectedMessage>();
	readonly #actById = new Map<string, ProjectedAct>();
	/** Kept beside the first. */
	readonly epochById = new Map<string, HeldEpoch>();
	/** Told the same as what is kept here. */
	readonly #others: Projection[] = [];
	/** Reasons of what was refused, as Diagnostics counts them. */
	readonly erasures: (Erasure & { readonly segment: number })[] = [];
	/** What the read model was told is deleted. */
	readonly deletions: ProjectedDeletion[] = [];
	readonly rejected: string[] = [];
	/** How often this device was told that another one writes as it. */
	copies = 0;
	#conversation: Conversation | null = null;
	/** As a link says. */
	newestSegmentHint = 1;
	/** What the others may know. */
	sharing: Sharing = { receipts: false, online: false };
	/** After how many seconds what they say is to go, as they want it. */
	ownTimerS = 0;

	constructor(
		readonly crypto: CryptoPort,
		readonly seals: SealPort,
		readonly author: Author,
		readonly accountKeys: SigningKeys,
		readonly identity: ConversationIdentity,
		lanes: readonly OwnLane[]
	) {
		this.#lanes.push(...lanes);
	}

	get conversation(): Conversation {
		if (this.#conversation === null) throw new Error('the conversation is not open');
		return this.#conversation;
	}

	/** The message with this text. */
	shownAs(text: string): ProjectedMessage {
		const message = [...this.#shownById.values()].find((each) => each.text === text);
		if (message === undefined) throw new Error(`"${text}" is not shown`);
		return message;
	}

	/** Texts on screen, in the order in which they were said. */
	get shown(): readonly string[] {
		const gone = new Deletions(this.deletions);
		const messages = [...this.#shownById.values()].filter((message) => !gone.takesMessage(message));
		return messages.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1)).map(({ text }) => text);
	}

	/** Messages with what has been said about them, as a screen would show them. */
	get shownMessages(): readonly ShownMessage[] {
		return shownMessages([...this.#shownById.values()], [...this.#actById.values()], this.deletions);
	}

	/** Acts as the read model has them. */
	get acts(): readonly ProjectedAct[] {
		return [...this.#actById.values()];
	}

	/** The place on screen, as an HLC number, of the message with this text. */
	timeOf(text: string): number {
		const message = [...this.#shownById.values()].find((each) => each.text === text);
		if (message === undefined) throw new Error(`"${text}" is not shown`);
		return message.time;
	}

	async open(): Promise<void> {
		const lanes = new Map(this.#lanes.map((lane) => [lane.lane, lane]));
		this.#conversation = await Conversation.open(
			this.identity,
			{
				crypto: this.crypto,
				clock: new HybridClock(() => nowMs),
				seals: this.seals,
				epochs: {
					load: async () => [...this.epochById.values()],
					keep: async (epochs) => {
						for (const epoch of epochs) this.epochById.set(epoch.id, epoch);
						return ok(undefined);
					}
				},
				journal: {
					load: async () => ({ lanes: [...lanes.values()], entries: this.#journalled }),
					commit: async (lane, entries) => {
						this.#journalled.push(...entries);
						lanes.set(lane.lane, lane);
						this.#lanes.splice(0, Infinity, ...lanes.values());
						return ok(undefined);
					},
					settle: async () => ok(undefined),
					release: async (segment, lane, next) => {
						this.#journalled = this.#journalled.filter(
							(entry) => entry.segment !== segment || entry.lane !== lane || entry.clock >= next
						);
					}
				},
				documents: {
					open: async (segment) => {
						const doc = this.#docs.get(segment) ?? new Y.Doc();
						this.#docs.set(segment, doc);
						return doc;
					},
					close: async () => undefined,
					metas: async () => [...this.#metas.values()],
					saveMeta: async (meta) => void this.#metas.set(meta.segment, meta)
				},
				redaction: {
					redact: async (segment, redacted, erasures) => {
						this.#journalled = this.#journalled.map((entry) =>
							entry.segment === segment &&
							redacted.some(({ lane, clock }) => lane === entry.lane && clock === entry.clock)
								? { ...entry, bytes: placeholder }
								: entry
						);
						const known = this.#redacted.get(segment) ?? [];
						this.#redacted.set(segment, [...known, ...redacted]);
						for (const erasure of erasures) this.erasures.push({ segment, ...erasure });
						return ok(undefined);
					},
					redacted: async (segment) => this.#redacted.get(segment) ?? [],
					erasures: async (segment) => this.erasures.filter((each) => each.segment === segment),
					erased: async () => undefined
				},
				projection: {
					messages: async (messages, cursors, acts) => {
						for (const other of this.#others) await other.messages(messages, cursors, acts);
						for (const message of messages) this.#shownById.set(message.id, message);
						for (const act of acts) this.#actById.set(act.id, act);
						for (const cursor of cursors) this.#cursorByLane.set(`${cursor.segment}/${cursor.lane}`, cursor);
					},
					withdrawn: async (ids, from) => {
						for (const other of this.#others) await other.withdrawn(ids, from);
						for (const id of ids) this.#shownById.delete(id);
						if (from === undefined) return;
						this.#cursorByLane.set(`${from.segment}/${from.lane}`, from);
						for (const { id } of [...this.#actById.values()].filter((act) => isFrom(act, from)))
							this.#actById.delete(id);
					},
					deleted: async (deletions) => {
						for (const other of this.#others) await other.deleted(deletions);
						this.deletions.push(...deletions);
					},
					authority: async () => undefined
				},
				yieldTurn: async () => undefined,
				sharing: () => this.sharing,
				ownTimerS: () => this.ownTimerS
			},
			{ cursors: [...this.#cursorByLane.values()], newestSegmentHint: this.newestSegmentHint },
			{
				admitted: () => undefined,
				authorityChanged: () => undefined,
				deliveryChanged: () => undefined,
				rejected: (reason) => void this.rejected.push(reason),
				copied: () => void this.copies++
			}
		);
	}

	/** From now on. */
	alsoTell(other: Projection): void {
		this.#others.push(other);
	}

	async close(): Promise<void> {
		await this.conversation.close();
		this.#conversation = null;
	}

	/** Of a closed conversation: what the disk has of a segment is what this update says. */
	setBack(segment: number, update: Uint8Array): void {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, update);
		this.#docs.set(segment, doc);
		this.#metas.delete(segment);
	}

	/** The same profile on another machine, as it is now; not yet open. */
	copy(): Person {
		const { crypto, seals, author, accountKeys, identity } = this;
		const copy = new Person(crypto, seals, author, accountKeys, identity, this.#lanes);
		for (const [id, epoch] of this.epochById) copy.epochById.set(id, epoch);
		copy.#journalled = [...this.#journalled];
		for (const [segment, doc] of this.#docs) copy.setBack(segment, Y.encodeStateAsUpdate(doc));
		for (const [place, cursor] of this.#cursorByLane) copy.#cursorByLane.set(place, cursor);
		for (const [id, message] of this.#shownById) copy.#shownById.set(id, message);
		for (const [id, act] of this.#actById) copy.#actById.set(id, act);
		return copy;
	}

	async say(text: string): Promise<void> {
		await this.write({ type: 'message', text });
	}

	async write(record: ContentRecord): Promise<void> {
		const written = await this.conversation.write(record);
		if (!written.ok) throw new Error(written.reason);
	}

	/** Where a message stands that is shown here. */
	entryOf(text: string): SaidEntry & { readonly account: string } {
		const message = [...this.#shownById.values()].find((each) => each.text === text);
		if (message === undefined) throw new Error(`"${text}" is not shown`);
		return message;
	}

	async delete(text: string): Promise<ReturnType<Conversation['delete']>> {
		const entry = this.entryOf(text);
		return this.conversation.delete(entry.account, [entry]);
	}

	/** All that this device has of a segment, as Yjs writes it. */
	stateOf(segment: number): Uint8Array {
		const doc = this.#docs.get(segment);
		return doc === undefined ? new Uint8Array(0) : Y.encodeStateAsUpdate(doc);
	}

	get journalled(): readonly JournalEntry[] {
		return this.#journalled;
	}

	/** Takes what another has. @param segments of the control segment and the first of messages, if not told */
	async hear(other: Person, segments: readonly number[] = [0, 1]): Promise<void> {
		for (const segment of segments) {
			const heads = await this.conversation.heads(segment);
			for await (const update of other.conversation.updatesFor(segment, heads, 64 * 1024))
				await this.conversation.ingest(segment, update, other);
		}
	}
}

const isFrom = (act: ProjectedAct, from: LaneCursor): boolean =>
	act.segment === from.segment && act.lane === from.lane && act.clock >= from.next;

/** A new link; an open one, if nothing else is said. */
export async function linkOf({ conversation, crypto }: Person, terms?: InviteTerms): Promise<InviteLink> {
	const link = await invite(crypto, conversation, nowMs, terms);
	if (!link.ok) throw new Error(link.reason);
	return link.value;
}

/** Somebody who has opened a link and hears what `source` has; their join is not written. @param like whose cryptography they use */
export async function newcomerBy(like: Person, link: InviteLink, source: Person): Promise<Person> {
	const { author, account } = await newAccount(like.crypto);
	const identity = await joiningIdentity(like.crypto, author, link);
	const person = new Person(like.crypto, like.seals, author, account, identity, []);
	person.newestSegmentHint = link.segment;
	await person.open();
	// As over a link: before they are known, nothing is for them where nothing older is passed on.
	await person.hear(source, source.conversation.authority.history === 'none' ? [0] : [0, 1]);
	return person;
}

/** The same, and the join is written; `source` has not heard it. */
export async function joinBy(like: Person, link: InviteLink, name: string, source: Person): Promise<Person> {
	const person = await newcomerBy(like, link, source);
	const joined = await writeJoin(person.crypto, person.conversation, link, name);
	if (!joined.ok) throw new Error(joined.reason);
	return person;
}

/** A founder and people who have joined by the founder's open link; all know of each other. */
export async function group<N extends string>(
	...names: readonly N[]
): Promise<Record<N | 'founder', Person>> {
	const random = new SeededRandom(names.length);
	const crypto = seededCryptoPort(random);
	const seals = fakeSealPort(random);
	const { author, account } = await newAccount(crypto);
	const founding = await foundGroup(crypto, author);
	const founder = new Person(crypto, seals, author, account, founding.identity, [founding.controlLane]);
	await founder.open();
	await writeFounding(founder.conversation, founding.genesis, 'Trip', 'founder');
	const link = await linkOf(founder);
	const people: Record<string, Person> = { founder };
	for (const name of names) {
		const person = await joinBy(founder, link, name, founder);
		await founder.hear(person);
		people[name] = person;
	}
	for (const person of Object.values(people)) if (person !== founder) await person.hear(founder);
	return people as Record<N | 'founder', Person>;
}
