/**
 * The app as the screens see it: what there is to see, and what a person may ask for. Light: shows the list from the
 * read model before Yjs and the network are loaded (tab-life.ts).
 */
import { createIdentity, saveIdentity, soundName } from '$lib/identity/account';
import { pageTimers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { webCryptoPort } from '$lib/protocol/crypto';
import { decodeInviteLink, type InviteLink } from '$lib/protocol/invite-link';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { MessageRow, Position } from '$lib/store/types';
import { AppState } from './app-state.svelte';
import { AppUpdate } from './app-update.svelte';
import { Newscast } from './attention/newscast';
import { Contacts } from './contacts/contacts.svelte';
import { OwnConsent } from './consent.svelte';
import type {
	App,
	ConversationSummary,
	ConversationView,
	DeviceNotice,
	DiagnosticsReport,
	ExportForm,
	ExportPart,
	ExportWords,
	InvitePreview,
	AttentionListener,
	Problem
} from './contract';
import { problemOfFailure } from './talk.svelte';
import { EventLog } from './event-log';
import { Expiry } from './marks/expiry';
import { Marks } from './marks/marks.svelte';
import { OwnMarksWorld } from './marks/marks-world';
import { problemOfAct } from './problem-of-act';
import { ReadModelFinding } from './finding';
import { OpenViews } from './open-views';
import { Scheduled } from './scheduled/scheduled.svelte';
import { sayScheduled } from './scheduled/say-scheduled';
import { dueTime, TabLife } from './tab-life';

export class SkeinApp implements App {
	readonly #log = new EventLog(() => Date.now());
	readonly #state = new AppState(this.#log);
	readonly #crypto = webCryptoPort(crypto);
	readonly #update = new AppUpdate();
	readonly #views = new OpenViews();
	readonly contacts: Contacts = new Contacts({
		people: () => this.#life.people,
		account: () => this.#state.account,
		origin: location.origin
	});
	readonly #consent = new OwnConsent(this.contacts);
	readonly marks: Marks = new Marks(
		pageTimers,
		new OwnMarksWorld({
			session: () => this.#life.activeSession,
			dueTime,
			summary: (id) => this.#summary(id),
			nameOf: (account, claimed) => this.contacts.known.nameOf(account, claimed),
			withdrawing: (id) => this.#views.events.withdrawing(id),
			withdrawn: (id, ids) => this.#views.events.withdrawn(id, ids),
			read: (id, position) => this.#markRead(id, position),
			relist: () => void this.#life.listing.run()
		})
	);
	readonly #newscast: Newscast = new Newscast({
		nowMs: () => Date.now(),
		isBlocked: (account) => this.contacts.known.isBlocked(account),
		isTaken: (message) => this.marks.isTaken(message),
		readPosition: (id) => this.#summary(id)?.readPosition ?? null,
		nameOf: (message) => this.#nameOf(message)
	});
	readonly #expiry: Expiry = new Expiry({
		timers: pageTimers,
		store: () => this.#life.activeSession?.store ?? null,
		withdrawing: (id) => this.#views.events.withdrawing(id),
		withdrawn: (id, ids) => {
			this.#views.events.withdrawn(id, ids);
			void this.#life.listing.run();
		},
		ownGone: async (id, entries) => {
			const deleted = await (await this.#life.engine).deleteOwn(id, entries);
			if (!deleted.ok) this.#log.note(`not deleted after its time: ${deleted.reason}`);
		},
		failed: (error) => this.#state.failed('unexpected', String(error))
	});
	readonly scheduled: Scheduled = new Scheduled({
		timers: pageTimers,
		database: () => this.#life.session.database,
		newId: () => toBase64url(this.#crypto.randomBytes(16)),
		say: async (message) => sayScheduled(await this.#life.engine, message),
		note: (text) => this.#log.note(text)
	});
	readonly #life = new TabLife({
		crypto: this.#crypto,
		log: this.#log,
		state: this.#state,
		contacts: this.contacts,
		consent: this.#consent,
		views: this.#views,
		marks: this.marks,
		newscast: this.#newscast,
		expiry: this.#expiry,
		scheduled: this.scheduled
	});

	readonly finding = new ReadModelFinding({
		store: () => this.#life.session.store,
		dueTime,
		nameOf: (account, claimed) => this.contacts.known.nameOf(account, claimed)
	});

	constructor() {
		for (const event of ['online', 'offline']) {
			addEventListener(event, () => {
				this.#state.online = navigator.onLine;
				this.#views.update();
			});
		}
		addEventListener('pagehide', () => void this.#views.keepNow());
		document.addEventListener('visibilitychange', () => {
			if (document.hidden) void this.#views.keepNow();
			else this.#wake();
		});
		void this.#update.start((reason) => this.#log.note(reason));
		void this.#life.start();
	}

	get phase(): App['phase'] {
		return this.#state.phase;
	}

	get problem(): App['problem'] {
		return this.#state.problem;
	}

	get profile(): App['profile'] {
		return this.#state.profile;
	}

	get conversations(): App['conversations'] {
		return this.#state.conversations;
	}

	get pictures(): App['pictures'] {
		return this.#state.pictures.urlById;
	}

	get typing(): App['typing'] {
		return this.#state.typing;
	}

	get online(): boolean {
		return this.#state.online;
	}

	get rebuild(): App['rebuild'] {
		return this.#state.rebuild;
	}

	get deviceNotices(): App['deviceNotices'] {
		return this.#state.deviceNotices;
	}

	async dismiss(notice: DeviceNotice['kind']): Promise<void> {
		if (notice === 'clock') {
			this.#state.clockDismissed = true;
			return;
		}
		this.#state.copied = false;
		const kept = await this.#life.session.database.keepCopied(false);
		// It is said again at the next start.
		if (!kept.ok) this.#log.note(`that the notice was put away is not kept: ${kept.reason}`);
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
		const { database } = this.#life.session;
		const identity = await createIdentity(this.#crypto, name.value);
		const saved = await saveIdentity(database, identity);
		if (!saved.ok) return fail(problemOfFailure(saved.reason));
		this.#life.firstRun(identity);
		return ok(undefined);
	}

	useHere(): Promise<void> {
		return this.#life.takeOver();
	}

	async rename(raw: string): Promise<Result<void, Problem>> {
		const name = soundName(raw);
		if (!name.ok) return fail({ code: name.reason });
		const { database } = this.#life.session;
		const identity = await database.db.get('identity', 'self');
		if (identity === undefined) return fail({ code: 'unexpected', detail: 'no identity' });
		const renamed = { ...identity, name: name.value };
		const saved = await saveIdentity(database, renamed);
		if (!saved.ok) return fail(problemOfFailure(saved.reason));
		this.#state.known(renamed);
		const said = await (await this.#life.engine).rename(name.value);
		return said.ok ? ok(undefined) : fail(problemOfFailure(said.reason));
	}

	async createGroup(raw: string): Promise<Result<{ readonly conversation: string }, Problem>> {
		const name = soundName(raw);
		if (!name.ok)
			return fail({ code: name.reason === 'name-empty' ? 'group-name-empty' : 'group-name-too-long' });
		const founded = await (await this.#life.engine).found(name.value);
		if (!founded.ok) return fail(problemOfFailure(founded.reason));
		await this.#life.listing.run();
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
		const alreadyMember = isHere && !this.#state.waitingIn.has(conversation);
		if (!alreadyMember && expiresAtMs < Date.now()) return fail({ code: 'invite-expired' });
		return ok({ conversation, groupName, expiresAtMs, kind, alreadyMember, link: link.value });
	}

	async join(invite: InvitePreview): Promise<Result<{ readonly conversation: string }, Problem>> {
		const joined = await (await this.#life.engine).join(invite.link as InviteLink);
		if (!joined.ok) return fail(problemOfAct(joined.reason));
		await this.#life.listing.run();
		void navigator.storage.persist();
		return ok({ conversation: joined.value });
	}

	open(id: string): ConversationView {
		const { database, store } = this.#life.session;
		return this.#views.open(id, this.#summary(id), {
			store,
			database,
			engine: this.#life.engine,
			account: this.#state.account,
			nowMs: () => Date.now(),
			origin: location.origin,
			consent: this.#consent,
			online: () => this.online,
			known: () => this.contacts.known,
			marks: this.marks,
			read: () => void this.#life.listing.run()
		});
	}

	async say(id: string, text: string): Promise<Result<void, Problem>> {
		const said = await (await this.#life.engine).say(id, text);
		return said.ok ? ok(undefined) : fail(problemOfFailure(said.reason));
	}

	listen(listener: AttentionListener): () => void {
		return this.#newscast.listen(listener);
	}

	async *exportConversation(id: string, form: ExportForm, words: ExportWords): AsyncGenerator<ExportPart> {
		const { exportOf } = await import('./export/export-of');
		const summary = this.#summary(id);
		if (summary === undefined) return;
		const { known } = this.contacts;
		yield* exportOf(this.#life.session.store, summary, form, words, {
			nowMs: Date.now(),
			dueTime: dueTime(),
			nameOf: (account, claimed) => known.nameOf(account, claimed)
		});
	}

	async diagnostics(): Promise<DiagnosticsReport> {
		const { diagnose } = await import('./diagnostics');
		const { database, store } = this.#life.session;
		return diagnose({
			database,
			store,
			engine: await this.#life.engine,
			log: this.#log,
			names: this.conversations
		});
	}

	/** Timers sleep with the page. */
	#wake(): void {
		this.marks.wake();
		if (this.#life.activeSession !== null)
			this.#expiry.look().catch((error: unknown) => this.#state.failed('unexpected', String(error)));
	}

	#summary(id: string): ConversationSummary | undefined {
		return this.conversations.find((each) => each.id === id);
	}

	async #markRead(id: string, position: Position): Promise<void> {
		await this.#life.session.store.markRead(id, position);
		void this.#life.listing.run();
		const engine = await this.#life.engine;
		(await engine.open(id)).markRead(position);
		engine.release(id);
	}

	/** As somebody is called who has just said something. */
	async #nameOf({ conversation, author }: MessageRow): Promise<string> {
		const members = (await this.#life.activeSession?.store.members(conversation)) ?? [];
		const claimed = members.find(({ account }) => account === author)?.name ?? '';
		return this.contacts.known.nameOf(author, claimed);
	}
}
