/**
 * The app as the screens see it. Light: shows the list from the read model before Yjs and the network are loaded.
 * Order of a start: ability → this tab is the active one → device database → read model → engine.
 */
import { SvelteMap } from 'svelte/reactivity';
import { createIdentity, saveIdentity, soundName } from '$lib/identity/account';
import { DeviceDatabase, type IdentityRow } from '$lib/identity/device-database';
import { pageTimers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { clockToleranceMs, hlcOfMs } from '$lib/protocol/clock';
import { webCryptoPort } from '$lib/protocol/crypto';
import { accountIdOf } from '$lib/protocol/ids';
import { decodeInviteLink, type InviteLink } from '$lib/protocol/invite-link';
import { fail, ok, type Result } from '$lib/protocol/result';
import { openStoreWorker } from '$lib/store/client';
import type { StoreError } from '$lib/store/store-error';
import type { ConversationSummary, OpenOutcome, Store } from '$lib/store/types';
import { AppUpdate } from './app-update.svelte';
import { Coalesced, rest } from './coalesce';
import type {
	App,
	AppPhase,
	ConversationView,
	DiagnosticsReport,
	InvitePreview,
	Problem,
	SearchResult
} from './contract';
import { OpenConversation, problemOfFailure } from './conversation-view.svelte';
import { diagnose } from './diagnostics';
import type { Engine } from './engine';
import { missingAbility, ownRelay } from './environment';
import { EventLog } from './event-log';
import { nextFrame } from './next-frame';
import { steadyStore } from './steady-store';
import { TabLock } from './tab-lock';

const searchLimit = 50;
/** While history streams in, the list is read again this often at most. */
const listRestMs = 100;

interface Session {
	readonly database: DeviceDatabase;
	readonly store: Store;
	readonly opened: OpenOutcome;
}

export class SkeinApp implements App {
	phase = $state<AppPhase>('starting');
	problem = $state.raw<Problem | null>(null);
	profile = $state.raw<{ readonly name: string; readonly account: string } | null>(null);
	conversations = $state.raw<readonly ConversationSummary[]>([]);
	online = $state(navigator.onLine);
	rebuild = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
	readonly #crypto = webCryptoPort(crypto);
	readonly #log = new EventLog(() => Date.now());
	readonly #update = new AppUpdate();
	readonly #viewById = new SvelteMap<string, OpenConversation>();
	readonly #listing = new Coalesced(() => this.#list(), rest(listRestMs));
	readonly #lock: TabLock;
	#session: Session | null = null;
	#engine = Promise.withResolvers<Engine>();

	constructor() {
		this.#lock = new TabLock(() => this.#letGo());
		for (const event of ['online', 'offline']) {
			addEventListener(event, () => {
				this.online = navigator.onLine;
				for (const view of this.#viewById.values()) view.update();
			});
		}
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
		const { database } = this.#active();
		const identity = await createIdentity(this.#crypto, name.value);
		const saved = await saveIdentity(database, identity);
		if (!saved.ok) return fail(problemOfFailure(saved.reason));
		this.#known(identity);
		this.phase = 'ready';
		void this.#run(identity);
		return ok(undefined);
	}

	async useHere(): Promise<void> {
		this.phase = 'starting';
		await this.#lock.takeOver();
		await this.#begin();
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
		const { groupName, expiresAtMs } = link.value;
		const alreadyMember = this.conversations.some(({ id, left }) => id === conversation && !left);
		if (!alreadyMember && expiresAtMs < Date.now()) return fail({ code: 'invite-expired' });
		return ok({ conversation, groupName, expiresAtMs, alreadyMember, link: link.value });
	}

	async join(invite: InvitePreview): Promise<Result<{ readonly conversation: string }, Problem>> {
		const joined = await (await this.#engine.promise).join(invite.link as InviteLink);
		if (!joined.ok) return fail(problemOfFailure(joined.reason));
		await this.#listing.run();
		void navigator.storage.persist();
		return ok({ conversation: joined.value });
	}

	open(id: string): ConversationView {
		const known = this.#viewById.get(id);
		if (known !== undefined) return known;
		const { database, store } = this.#active();
		const view = new OpenConversation(id, {
			store,
			database,
			engine: this.#engine.promise,
			account: this.profile?.account ?? '',
			summary: this.conversations.find((summary) => summary.id === id),
			nowMs: () => Date.now(),
			origin: location.origin,
			online: () => this.online,
			read: () => void this.#listing.run(),
			closed: () => this.#viewById.delete(id)
		});
		this.#viewById.set(id, view);
		return view;
	}

	async search(text: string, conversation?: string): Promise<SearchResult> {
		const { store } = this.#active();
		const hits = await store.search({ text, conversation, limit: searchLimit, dueTime: dueTime() });
		return { hits, complete: (await store.stats()).unsearchable === 0 };
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
		const missing = await missingAbility();
		if (missing !== null) {
			this.problem = { code: 'crypto-unavailable', detail: missing };
			this.phase = 'unsupported';
		} else if (await this.#lock.acquire()) await this.#begin();
		else this.phase = 'elsewhere';
	}

	async #begin(): Promise<void> {
		try {
			const token = toBase64url(this.#crypto.randomBytes(16));
			const store = steadyStore(openStoreWorker(), {
				timers: pageTimers,
				stuck: (error) => this.#storeStuck(error)
			});
			const [database, opened] = await Promise.all([
				DeviceDatabase.open(token, () =>
					this.#failed('storage-unavailable', 'the browser closed the database')
				),
				store.open()
			]);
			this.#session = { database, store, opened };
			const identity = await database.db.get('identity', 'self');
			if (identity === undefined) {
				this.phase = 'first-run';
				return;
			}
			this.#known(identity);
			await this.#listing.run();
			this.phase = 'ready';
			void this.#run(identity);
		} catch (error) {
			this.#failed('storage-unavailable', String(error));
		}
	}

	async #run(identity: IdentityRow): Promise<void> {
		const { database, store, opened } = this.#active();
		try {
			// What is known already is painted first: Yjs and the network are as much script again.
			await new Promise<void>((resolve) => void nextFrame(resolve));
			const { Engine } = await import('./engine');
			const engine = new Engine({
				crypto: this.#crypto,
				database,
				identity,
				store,
				log: this.#log,
				timers: pageTimers,
				random: Math.random,
				...ownRelay(location),
				iceServers: [],
				rebuilds: opened.state !== 'ready',
				events: {
					listed: () => void this.#listing.run(),
					changed: (id) => this.#viewById.get(id)?.update(),
					described: (id) => this.#viewById.get(id)?.described(),
					arrived: (id, messages) => this.#viewById.get(id)?.arrived(messages),
					stored: (id, messages) => this.#viewById.get(id)?.stored(messages),
					withdrawn: (id, ids) => this.#viewById.get(id)?.timeline.withdrawn(ids),
					rebuilding: (progress) => (this.rebuild = progress)
				}
			});
			if (opened.state !== 'ready') this.#log.note(`the read model is made anew: ${opened.cause}`);
			this.#engine.resolve(engine);
			await engine.start(this.conversations.map(({ id }) => id));
			if (opened.state !== 'ready') await engine.rebuild();
		} catch (error) {
			this.#failed('unexpected', String(error));
		}
	}

	/** Another tab takes over: finish, close, show "Use here". */
	async #letGo(): Promise<void> {
		const session = this.#session;
		this.phase = 'elsewhere';
		for (const view of [...this.#viewById.values()]) view.close();
		if (session === null) return;
		if (this.profile !== null) await (await this.#engine.promise).close();
		this.#engine = Promise.withResolvers();
		this.#session = null;
		await session.store.close();
		session.database.close();
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

	#failed(code: Problem['code'], detail: string): void {
		this.#log.note(detail);
		this.problem = { code, detail };
		if (code !== 'unexpected' && code !== 'storage-full') this.phase = 'failed';
	}

	async #list(): Promise<void> {
		const session = this.#session;
		if (session === null) return;
		this.conversations = await session.store.conversations(dueTime());
		for (const summary of this.conversations) this.#viewById.get(summary.id)?.summarised(summary);
	}
}

const dueTime = (): number => hlcOfMs(Date.now() + clockToleranceMs);
