/**
 * The app as the screens see it. Light: shows the list from the read model before Yjs and the network are loaded.
 * Order of a start: this tab is the active one; device database → what was shown last → first paint → read model and
 * engine side by side.
 */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { createIdentity, saveIdentity, soundName } from '$lib/identity/account';
import { DeviceDatabase, type FirstReads, type IdentityRow } from '$lib/identity/device-database';
import { pageTimers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { clockToleranceMs, hlcOfMs } from '$lib/protocol/clock';
import { webCryptoPort } from '$lib/protocol/crypto';
import { accountIdOf } from '$lib/protocol/ids';
import { decodeInviteLink, type InviteLink } from '$lib/protocol/invite-link';
import { fail, ok, type Result } from '$lib/protocol/result';
import { pageMoments } from '$lib/replicas/swarm/page-moments';
import { openStoreWorker } from '$lib/store/client';
import { StoreError } from '$lib/store/store-error';
import type { OpenOutcome } from '$lib/store/types';
import { AppUpdate } from './app-update.svelte';
import { Coalesced, rest } from './coalesce';
import { isOtherwiseShown, KnownPeople } from './contacts/contact-views';
import { Contacts, type ShownPeople } from './contacts/contacts.svelte';
import type { People } from './contacts/people';
import { OwnConsent } from './consent.svelte';
import type {
	App,
	AppPhase,
	ConversationSummary,
	ConversationView,
	DiagnosticsReport,
	InvitePreview,
	Problem,
	SearchResult
} from './contract';
import { problemOfFailure } from './conversation-view.svelte';
import { diagnose } from './diagnostics';
import type { Engine } from './engine/engine';
import { missingAlgorithm, missingInterface, ownRelay } from './environment';
import { EventLog } from './event-log';
import { problemOfAct } from './problem-of-act';
import { firstPaint } from './next-frame';
import { OpenViews } from './open-views';
import { Session } from './session';
import { emptySnapshot, readSnapshot, type Snapshot } from './snapshot';
import { snapshotWriter } from './snapshot-writer';
import { TabLock } from './tab-lock';

const searchLimit = 50;
/** While history streams in, the list is read again this often at most. */
const listRestMs = 100;

interface Connected {
	readonly database: DeviceDatabase;
	readonly reads: FirstReads;
}

export class SkeinApp implements App {
	phase = $state<AppPhase>('starting');
	problem = $state.raw<Problem | null>(null);
	profile = $state.raw<{ readonly name: string; readonly account: string } | null>(null);
	conversations = $state.raw<readonly ConversationSummary[]>([]);
	online = $state(navigator.onLine);
	rebuild = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
	readonly contacts = new Contacts({
		people: () => this.#people.promise,
		account: () => this.#account,
		origin: location.origin
	});
	readonly typing = new SvelteMap<string, readonly string[]>();
	readonly #crypto = webCryptoPort(crypto);
	readonly #log = new EventLog(() => Date.now());
	readonly #update = new AppUpdate();
	readonly #views = new OpenViews();
	/** Conversations that are here though nobody has let this person in: another link may. */
	readonly #waitingIn = new SvelteSet<string>();
	readonly #listing = new Coalesced(() => this.#list(), rest(listRestMs));
	readonly #lock: TabLock;
	#session: Session | null = null;
	#engine = Promise.withResolvers<Engine>();
	readonly #consent = new OwnConsent(this.contacts);
	#stopConsent = (): void => undefined;
	#people = Promise.withResolvers<People>();

	constructor() {
		this.#lock = new TabLock(() => this.#letGo());
		for (const event of ['online', 'offline']) {
			addEventListener(event, () => {
				this.online = navigator.onLine;
				this.#views.update();
			});
		}
		addEventListener('pagehide', () => void this.#views.keepNow());
		document.addEventListener('visibilitychange', () => {
			if (document.hidden) void this.#views.keepNow();
		});
		void this.#update.start((reason) => this.#log.note(reason));
		void this.#start();
	}

	get updateReady(): boolean {
		return this.#update.ready;
	}

	applyUpdate(): void {
		this.#update.apply();
	}

	async start(raw: string): Promise<Result<void, Problem>> {
		const name = soundName(raw);
		if (!name.ok) return fail({ code: name.reason });
		const session = this.#active();
		const { database } = session;
		const identity = await createIdentity(this.#crypto, name.value);
		const saved = await saveIdentity(database, identity);
		if (!saved.ok) return fail(problemOfFailure(saved.reason));
		this.#known(identity);
		this.#keep(session, emptySnapshot);
		this.phase = 'ready';
		void this.#run(session, identity);
		return ok(undefined);
	}

	async useHere(): Promise<void> {
		this.phase = 'starting';
		await this.#lock.takeOver();
		await this.#begin(this.#connect());
	}

	async rename(raw: string): Promise<Result<void, Problem>> {
		const name = soundName(raw);
		if (!name.ok) return fail({ code: name.reason });
		const { database } = this.#active();
		const identity = await database.db.get('identity', 'self');
		if (identity === undefined) return fail({ code: 'unexpected', detail: 'no identity' });
		const renamed = { ...identity, name: name.value };
		const saved = await saveIdentity(database, renamed);
		if (!saved.ok) return fail(problemOfFailure(saved.reason));
		this.#known(renamed);
		const said = await (await this.#engine.promise).rename(name.value);
		return said.ok ? ok(undefined) : fail(problemOfFailure(said.reason));
	}

	async createGroup(raw: string): Promise<Result<{ readonly conversation: string }, Problem>> {
		const name = soundName(raw);
		if (!name.ok)
			return fail({ code: name.reason === 'name-empty' ? 'group-name-empty' : 'group-name-too-long' });
		const founded = await (await this.#engine.promise).found(name.value);
		if (!founded.ok) return fail(problemOfFailure(founded.reason));
		await this.#listing.run();
		// Asked for once there is something to lose; browsers decide by how the app is used.
		void navigator.storage.persist();
		return ok({ conversation: founded.value });
	}

	readInvite(fragment: string): Result<InvitePreview, Problem> {
		const link = decodeInviteLink(fragment);
		if (!link.ok) return fail({ code: link.reason });
		const conversation = toBase64url(link.value.conversation);
		const { groupName, expiresAtMs, kind } = link.value;
		const isHere = this.conversations.some(({ id, left }) => id === conversation && !left);
		const alreadyMember = isHere && !this.#waitingIn.has(conversation);
		if (!alreadyMember && expiresAtMs < Date.now()) return fail({ code: 'invite-expired' });
		return ok({ conversation, groupName, expiresAtMs, kind, alreadyMember, link: link.value });
	}

	async join(invite: InvitePreview): Promise<Result<{ readonly conversation: string }, Problem>> {
		const joined = await (await this.#engine.promise).join(invite.link as InviteLink);
		if (!joined.ok) return fail(problemOfAct(joined.reason));
		await this.#listing.run();
		void navigator.storage.persist();
		return ok({ conversation: joined.value });
	}

	open(id: string): ConversationView {
		const { database, store } = this.#active();
		const summary = this.conversations.find((each) => each.id === id);
		return this.#views.open(id, summary, {
			store,
			database,
			engine: this.#engine.promise,
			account: this.#account,
			nowMs: () => Date.now(),
			origin: location.origin,
			consent: this.#consent,
			online: () => this.online,
			known: () => this.contacts.known,
			read: () => void this.#listing.run()
		});
	}

	async search(text: string, conversation?: string): Promise<SearchResult> {
		const { store } = this.#active();
		const hits = await store.search({ text, conversation, limit: searchLimit, dueTime: dueTime() });
		const { known } = this.contacts;
		const named = hits.map((hit) => ({
			...hit,
			authorName: known.nameOf(hit.message.author, hit.authorName)
		}));
		return { hits: named, complete: (await store.stats()).unsearchable === 0 };
	}

	async diagnostics(): Promise<DiagnosticsReport> {
		const { database, store } = this.#active();
		return diagnose({
			database,
			store,
			engine: await this.#engine.promise,
			log: this.#log,
			names: this.conversations
		});
	}

	#active(): Session {
		if (this.#session === null) throw new Error('this tab is not the active one');
		return this.#session;
	}

	// --- starting and stopping ---------------------------------------------------------------------------------

	async #start(): Promise<void> {
		const missing = missingInterface();
		if (missing !== null) return this.#unsupported(missing);
		const connecting = this.#connect();
		// Said when it is awaited; by then the browser would have called it unhandled.
		connecting.catch((error: unknown) => this.#log.note(String(error)));
		if (await this.#lock.acquire()) return this.#begin(connecting);
		this.phase = 'elsewhere';
		connecting.then(
			({ database }) => database.close(),
			(error: unknown) => this.#log.note(String(error))
		);
	}

	async #connect(): Promise<Connected> {
		const token = toBase64url(this.#crypto.randomBytes(16));
		const database = await DeviceDatabase.connect(token, () =>
			this.#failed('storage-unavailable', 'the browser closed the database')
		);
		return { database, reads: await database.firstReads() };
	}

	async #begin(connecting: Promise<Connected>): Promise<void> {
		try {
			const { database, reads } = await connecting;
			// Another tab has taken over before there was anything to let go of.
			if (!this.#lock.held) return database.close();
			const session = new Session(database, {
				openStore: openStoreWorker,
				timers: pageTimers,
				stuck: (error) => this.#storeStuck(error)
			});
			this.#session = session;
			const { identity } = reads;
			if (reads.reachability !== undefined) this.contacts.privacy = reads.reachability;
			const checks = Promise.all([missingAlgorithm(), database.raiseFence()]);
			checks.catch((error: unknown) => this.#failed('storage-unavailable', String(error)));
			if (identity === undefined) {
				const [missing] = await checks;
				if (missing !== null) return this.#unsupported(missing);
				this.phase = 'first-run';
				await firstPaint();
				if (this.#session === session) await session.startStore();
				return;
			}
			this.#known(identity);
			const snapshot = readSnapshot(reads.snapshots, this.#account, (fault) => this.#log.reject(fault));
			this.#keep(session, snapshot);
			if (snapshot.conversations !== null) {
				this.conversations = snapshot.conversations;
				this.phase = 'ready';
				await firstPaint();
			}
			const [missing] = await checks;
			if (missing !== null) return this.#unsupported(missing);
			await this.#run(session, identity);
		} catch (error) {
			this.#failed('storage-unavailable', String(error));
		}
	}

	async #run(session: Session, identity: IdentityRow): Promise<void> {
		const { database, store } = session;
		try {
			// The engine is as much script again as all that the first paint needs.
			const [opened, { Engine }, { People }] = await Promise.all([
				this.#openStore(session),
				import('./engine/engine'),
				import('./contacts/people')
			]);
			const { inbox, ...relay } = ownRelay(location);
			const people = new People({
				crypto: this.#crypto,
				database,
				identity,
				store,
				log: this.#log,
				timers: pageTimers,
				random: Math.random,
				inboxUrl: inbox,
				fetch: (...request) => fetch(...request),
				moments: pageMoments,
				conversations: () => engine,
				show: (shown) => {
					this.#showPeople(session, shown).catch((error: unknown) =>
						this.#failed('unexpected', String(error))
					);
				}
			});
			await people.load();
			const engine: Engine = new Engine({
				crypto: this.#crypto,
				database,
				identity,
				store,
				log: this.#log,
				timers: pageTimers,
				random: Math.random,
				...relay,
				iceServers: [],
				consent: this.#consent,
				rebuilds: opened.state !== 'ready',
				people: {
					isSilent: (id) => people.isSilent(id),
					described: (id, authority) => people.described(id, authority)
				},
				events: {
					listed: () => void this.#listing.run(),
					standing: (conversation, isIn) =>
						void (isIn ? this.#waitingIn.delete(conversation) : this.#waitingIn.add(conversation)),
					...this.#views.events,
					typing: (id, people) => {
						const { known } = this.contacts;
						const shown = people.filter(({ account }) => !known.isBlocked(account));
						const names = shown.map(({ account, name }) => known.nameOf(account, name));
						if (names.length === 0) this.typing.delete(id);
						else this.typing.set(id, names);
					},
					rebuilding: (progress) => (this.rebuild = progress)
				}
			});
			this.#stopConsent = this.#consent.onChange(() => engine.consentChanged());
			this.#engine.resolve(engine);
			this.#people.resolve(people);
			people.start();
			await engine.start(this.conversations.map(({ id }) => id));
			if (opened.state !== 'ready') await engine.rebuild();
		} catch (error) {
			this.#failed(error instanceof StoreError ? 'storage-unavailable' : 'unexpected', String(error));
		}
	}

	async #openStore(session: Session): Promise<OpenOutcome> {
		const opened = await session.startStore();
		if (opened.state !== 'ready') {
			this.#log.note(`the read model is made anew: ${opened.cause}`);
			await this.#views.forgetShown();
		}
		await this.contacts.load(session.database);
		await this.#hide(session);
		await this.#listing.run();
		// Another tab may have taken over meanwhile.
		if (this.phase === 'starting') this.phase = 'ready';
		return opened;
	}

	/** Another tab takes over: finish, close, show "Use here". */
	async #letGo(): Promise<void> {
		const session = this.#session;
		this.phase = 'elsewhere';
		await this.#views.close();
		this.#stopConsent();
		if (session === null) return;
		if (this.profile !== null) {
			await (await this.#people.promise).close();
			await (await this.#engine.promise).close();
		}
		this.#engine = Promise.withResolvers();
		this.#people = Promise.withResolvers();
		this.#session = null;
		await session.close();
	}

	/** The rows about people have changed: the list goes by their names, and of some nothing is shown. */
	async #showPeople(session: Session, shown: ShownPeople): Promise<void> {
		const before = this.contacts.known;
		this.contacts.show(shown);
		if (this.#session !== session || !isOtherwiseShown(before, this.contacts.known)) return;
		await this.#hide(session, before);
		this.#views.peopleChanged();
		await this.#listing.run();
	}

	/** @param before who was hidden; nobody when the read model has just been opened */
	async #hide({ store }: Session, before = new KnownPeople([])): Promise<void> {
		const { blocked } = this.contacts.known;
		if (blocked.join() !== before.blocked.join()) await store.hide(blocked);
	}

	#keep({ database }: Session, snapshot: Snapshot): void {
		const write = snapshotWriter(database, (text) => this.#log.note(text));
		this.#views.keep(snapshot, {
			account: this.#account,
			timers: pageTimers,
			write,
			keepDrafts: (drafts) =>
				database
					.keepDraftsNow(drafts)
					.catch((error: unknown) => this.#log.note(`drafts were not kept: ${String(error)}`))
		});
	}

	get #account(): string {
		return this.profile?.account ?? '';
	}

	#known(identity: IdentityRow): void {
		this.profile = { name: identity.name, account: accountIdOf(identity.certificate.account) };
	}

	/** The read model cannot be written just now; messages are saved all the same. */
	#storeStuck(error: StoreError | null): void {
		if (error === null) {
			this.#log.note('the read model can be written again');
			this.problem = null;
			return;
		}
		// Browsers tell no quota that one could trust, and a file system without room says "I/O error".
		const full = error.reason === 'full' || error.message.includes('disk I/O error');
		this.#failed(full ? 'storage-full' : 'unexpected', `the read model cannot be written: ${error.message}`);
	}

	#unsupported(detail: string): void {
		this.problem = { code: 'crypto-unavailable', detail };
		this.phase = 'unsupported';
	}

	#failed(code: Problem['code'], detail: string): void {
		this.#log.note(detail);
		this.problem = { code, detail };
		if (code !== 'unexpected' && code !== 'storage-full') this.phase = 'failed';
	}

	async #list(): Promise<void> {
		const session = this.#session;
		if (session === null) return;
		const stored = await session.store.conversations(dueTime());
		this.conversations = stored.map((summary) => this.contacts.known.listed(summary));
		this.#views.listed(this.conversations);
	}
}

const dueTime = (): number => hlcOfMs(Date.now() + clockToleranceMs);
