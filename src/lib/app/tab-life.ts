/**
 * What runs while this tab is the active one, from the lock to handing over. Order of a start: this tab is the active
 * one; device database → what was shown last → first paint → read model and engine side by side.
 */
import { DeviceDatabase, type FirstReads, type IdentityRow } from '$lib/identity/device-database';
import { pageTimers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { clockToleranceMs, hlcOfMs } from '$lib/protocol/clock';
import type { CryptoPort } from '$lib/protocol/crypto';
import { StoreError } from '$lib/store/store-error';
import type { OpenOutcome } from '$lib/store/types';
import type { AppState } from './app-state.svelte';
import type { Newscast } from './attention/newscast';
import { ClockWatch } from './clock-watch';
import { Coalesced, rest } from './coalesce';
import type { OwnConsent } from './consent.svelte';
import { isOtherwiseShown, KnownPeople } from './contacts/contact-views';
import type { Contacts, ShownPeople } from './contacts/contacts.svelte';
import type { People } from './contacts/people';
import type { Engine } from './engine/engine';
import type { EngineEvents } from './engine/engine-contract';
import { missingAlgorithm, missingInterface, ownRelayTime } from './environment';
import type { EventLog } from './event-log';
import type { Expiry } from './marks/expiry';
import type { Marks } from './marks/marks.svelte';
import { tellTaken } from './marks/marks-world';
import { firstPaint } from './next-frame';
import type { OpenViews } from './open-views';
import type { Scheduled } from './scheduled/scheduled.svelte';
import { Session } from './session';
import { emptySnapshot, readSnapshot, type Snapshot } from './snapshot';
import { snapshotWriter } from './snapshot-writer';
import { makeEngine } from './start-engine';
import { TabLock } from './tab-lock';

/** While history streams in, the list is read again this often at most. */
const listRestMs = 100;

interface Connected {
	readonly database: DeviceDatabase;
	readonly reads: FirstReads;
}

export interface TabLifeParts {
	readonly crypto: CryptoPort;
	readonly log: EventLog;
	readonly state: AppState;
	readonly contacts: Contacts;
	readonly consent: OwnConsent;
	readonly views: OpenViews;
	readonly marks: Marks;
	readonly newscast: Newscast;
	readonly expiry: Expiry;
	readonly scheduled: Scheduled;
}

export class TabLife {
	/** Reads the list of conversations again. */
	readonly listing = new Coalesced(() => this.#list(), rest(listRestMs));
	readonly #lock: TabLock;
	#session: Session | null = null;
	#engine = Promise.withResolvers<Engine>();
	#people = Promise.withResolvers<People>();
	#stopConsent = (): void => undefined;

	constructor(readonly parts: TabLifeParts) {
		this.#lock = new TabLock(() => this.#letGo());
	}

	/** @throws Error if this tab is not the active one, which is for screens to know */
	get session(): Session {
		if (this.#session === null) throw new Error('this tab is not the active one');
		return this.#session;
	}

	/** The same, or null if this tab is not the active one. */
	get activeSession(): Session | null {
		return this.#session;
	}

	get engine(): Promise<Engine> {
		return this.#engine.promise;
	}

	get people(): Promise<People> {
		return this.#people.promise;
	}

	/** Of the page. */
	async start(): Promise<void> {
		const { state, log } = this.parts;
		const missing = missingInterface();
		if (missing !== null) return state.unsupported(missing);
		const connecting = this.#connect();
		// Said when it is awaited; by then the browser would have called it unhandled.
		connecting.catch((error: unknown) => log.note(String(error)));
		if (await this.#lock.acquire()) return this.#begin(connecting);
		state.phase = 'elsewhere';
		connecting.then(
			({ database }) => database.close(),
			(error: unknown) => log.note(String(error))
		);
	}

	/** Takes over from the tab that is active. */
	async takeOver(): Promise<void> {
		this.parts.state.phase = 'starting';
		await this.#lock.takeOver();
		await this.#begin(this.#connect());
	}

	/** There is an account now. */
	firstRun(identity: IdentityRow): void {
		const { session } = this;
		const { state } = this.parts;
		state.known(identity);
		this.#keep(session, emptySnapshot);
		state.phase = 'ready';
		void this.#run(session, identity);
	}

	async #connect(): Promise<Connected> {
		const token = toBase64url(this.parts.crypto.randomBytes(16));
		const database = await DeviceDatabase.connect(token, () =>
			this.parts.state.failed('storage-unavailable', 'the browser closed the database')
		);
		return { database, reads: await database.firstReads() };
	}

	async #begin(connecting: Promise<Connected>): Promise<void> {
		const { state, contacts, marks, log } = this.parts;
		try {
			const { database, reads } = await connecting;
			// Another tab has taken over before there was anything to let go of.
			if (!this.#lock.held) return database.close();
			const session = new Session(database, {
				openStore: async () =>
					(await import('./open-store')).openSteadyStore({
						timers: pageTimers,
						stuck: (error) => state.storeStuck(error)
					})
			});
			this.#session = session;
			const { identity } = reads;
			if (reads.reachability !== undefined) contacts.privacy = reads.reachability;
			const checks = Promise.all([missingAlgorithm(), database.raiseFence()]);
			checks.catch((error: unknown) => state.failed('storage-unavailable', String(error)));
			if (identity === undefined) {
				const [missing] = await checks;
				if (missing !== null) return state.unsupported(missing);
				state.phase = 'first-run';
				await firstPaint();
				if (this.#session === session) await session.startStore();
				return;
			}
			marks.load(reads.marks);
			state.known(identity);
			const snapshot = readSnapshot(reads.snapshots, state.account, (fault) => log.reject(fault));
			this.#keep(session, snapshot);
			if (snapshot.conversations !== null) {
				state.conversations = snapshot.conversations;
				state.phase = 'ready';
				await firstPaint();
			}
			const [missing] = await checks;
			if (missing !== null) return state.unsupported(missing);
			await this.#run(session, identity);
		} catch (error) {
			state.failed('storage-unavailable', String(error));
		}
	}

	async #run(session: Session, identity: IdentityRow): Promise<void> {
		const { crypto, log, state, consent, marks } = this.parts;
		try {
			const opening = this.#openStore(session);
			const { engine, people } = await makeEngine(
				{
					crypto,
					database: session.database,
					identity,
					store: session.store,
					log,
					consent,
					ownTimerS: (id) => marks.of(id).vanishingS,
					clockWatch: new ClockWatch({
						timers: pageTimers,
						relayTime: ownRelayTime,
						changed: (aheadMs) => (state.clockAheadMs = aheadMs)
					}),
					events: this.#events,
					asked: (request) => this.parts.newscast.asked(request),
					show: (shown) => {
						this.#showPeople(session, shown).catch((error: unknown) =>
							state.failed('unexpected', String(error))
						);
					}
				},
				opening
			);
			this.#stopConsent = consent.onChange(() => engine.consentChanged());
			this.#engine.resolve(engine);
			this.#people.resolve(people);
			people.start();
			await Promise.all([
				engine.start(state.conversations.map(({ id }) => id)),
				this.parts.scheduled.start()
			]);
			if ((await opening).state !== 'ready') await engine.rebuild();
		} catch (error) {
			state.failed(error instanceof StoreError ? 'storage-unavailable' : 'unexpected', String(error));
		}
	}

	get #events(): EngineEvents {
		const { state, contacts, views, newscast, expiry } = this.parts;
		return {
			listed: () => void this.listing.run(),
			standing: (conversation, isIn) =>
				void (isIn ? state.waitingIn.delete(conversation) : state.waitingIn.add(conversation)),
			pictured: (conversation, picture) => state.pictures.set(conversation, picture),
			...views.events,
			stored: (conversation, messages) => {
				views.events.stored(conversation, messages);
				expiry.stored(messages);
				void newscast.stored(messages);
			},
			typing: (id, people) => {
				const { known } = contacts;
				const shown = people.filter(({ account }) => !known.isBlocked(account));
				const names = shown.map(({ account, name }) => known.nameOf(account, name));
				if (names.length === 0) state.typing.delete(id);
				else state.typing.set(id, names);
			},
			copied: () => void this.#copied(),
			rebuilding: (progress) => (state.rebuild = progress)
		};
	}

	async #copied(): Promise<void> {
		const { state, log } = this.parts;
		state.copied = true;
		const kept = await this.#session?.database.keepCopied(true);
		if (kept?.ok === false) log.note(`that there is a copy of this device is not kept: ${kept.reason}`);
	}

	async #openStore(session: Session): Promise<OpenOutcome> {
		const { state, contacts, marks, expiry, views, log } = this.parts;
		const opened = await session.startStore();
		if (opened.state !== 'ready') {
			log.note(`the read model is made anew: ${opened.cause}`);
			await views.forgetShown();
		}
		const told = tellTaken(session.store, marks.rows);
		// One that was there knows already, unless something went wrong just then.
		if (opened.state === 'ready') told.catch((error: unknown) => log.note(String(error)));
		else await told;
		await expiry.look();
		await contacts.load(session.database);
		await state.pictures.load(session.database);
		await this.#hide(session);
		await this.listing.run();
		// Another tab may have taken over meanwhile.
		if (state.phase === 'starting') state.phase = 'ready';
		return opened;
	}

	/** Another tab takes over: finish, close, show "Use here". */
	async #letGo(): Promise<void> {
		const { state, views, expiry } = this.parts;
		expiry.stop();
		const session = this.#session;
		state.phase = 'elsewhere';
		await views.close();
		this.#stopConsent();
		this.parts.scheduled.stop();
		if (session === null) return;
		if (state.profile !== null) {
			await (await this.people).close();
			await (await this.engine).close();
		}
		this.#engine = Promise.withResolvers();
		this.#people = Promise.withResolvers();
		this.#session = null;
		await session.close();
	}

	/** The rows about people have changed: the list goes by their names, and of some nothing is shown. */
	async #showPeople(session: Session, shown: ShownPeople): Promise<void> {
		const { contacts, views } = this.parts;
		const before = contacts.known;
		contacts.show(shown);
		if (this.#session !== session || !isOtherwiseShown(before, contacts.known)) return;
		await this.#hide(session, before);
		views.peopleChanged();
		await this.listing.run();
	}

	/** @param before who was hidden; nobody when the read model has just been opened */
	async #hide({ store }: Session, before = new KnownPeople([])): Promise<void> {
		const { blocked } = this.parts.contacts.known;
		if (blocked.join() !== before.blocked.join()) await store.hide(blocked);
	}

	#keep({ database }: Session, snapshot: Snapshot): void {
		const { views, state, log } = this.parts;
		views.keep(snapshot, {
			account: state.account,
			timers: pageTimers,
			write: snapshotWriter(database, (text) => log.note(text)),
			keepDrafts: (drafts) =>
				database
					.keepDraftsNow(drafts)
					.catch((error: unknown) => log.note(`drafts were not kept: ${String(error)}`))
		});
	}

	async #list(): Promise<void> {
		const { state, contacts, views } = this.parts;
		const session = this.#session;
		if (session === null) return;
		const stored = await session.store.conversations(dueTime());
		state.conversations = stored.map((summary) => contacts.known.listed(summary));
		views.listed(state.conversations);
	}
}

/** Up to which place in time messages are shown: a clock may be a little ahead, but not more. */
export const dueTime = (): number => hlcOfMs(Date.now() + clockToleranceMs);
