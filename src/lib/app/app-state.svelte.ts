/** What the screens see of the app as a whole; whoever runs it writes it. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { IdentityRow } from '$lib/identity/device-database';
import { accountIdOf } from '$lib/protocol/ids';
import type { StoreError } from '$lib/store/store-error';
import type { AppPhase, ConversationSummary, DeviceNotice, Problem } from './contract';
import type { EventLog } from './event-log';
import { Pictures } from './pictures.svelte';

export class AppState {
	phase = $state<AppPhase>('starting');
	problem = $state.raw<Problem | null>(null);
	profile = $state.raw<{ readonly name: string; readonly account: string } | null>(null);
	conversations = $state.raw<readonly ConversationSummary[]>([]);
	online = $state(navigator.onLine);
	rebuild = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
	/** Another device has written as this one, and this person has not put the notice away. */
	copied = $state(false);
	/** By how much this device's clock is ahead of the others'; null: as far as is known it is right. */
	clockAheadMs = $state.raw<number | null>(null);
	/** They know about the clock. */
	clockDismissed = $state(false);
	readonly deviceNotices = $derived.by((): readonly DeviceNotice[] => [
		...(this.copied ? [{ kind: 'copied' } as const] : []),
		...(this.clockAheadMs === null || this.clockDismissed
			? []
			: [{ kind: 'clock', aheadMs: this.clockAheadMs } as const])
	]);
	readonly typing = new SvelteMap<string, readonly string[]>();
	/** Conversations that are here though nobody has let this person in: another link may. */
	readonly waitingIn = new SvelteSet<string>();

	readonly pictures: Pictures;

	constructor(readonly log: EventLog) {
		this.pictures = new Pictures(log);
	}

	/** Own account id; '' before the first run. */
	get account(): string {
		return this.profile?.account ?? '';
	}

	known(identity: IdentityRow): void {
		this.profile = { name: identity.name, account: accountIdOf(identity.certificate.account) };
		this.copied = identity.copied === true;
	}

	unsupported(detail: string): void {
		this.problem = { code: 'crypto-unavailable', detail };
		this.phase = 'unsupported';
	}

	failed(code: Problem['code'], detail: string): void {
		this.log.note(detail);
		this.problem = { code, detail };
		if (code !== 'unexpected' && code !== 'storage-full') this.phase = 'failed';
	}

	/** The read model cannot be written just now, or can be again (null); messages are saved all the same. */
	storeStuck(error: StoreError | null): void {
		if (error === null) {
			this.log.note('the read model can be written again');
			this.problem = null;
			return;
		}
		// Browsers tell no quota that one could trust, and a file system without room says "I/O error".
		const full = error.reason === 'full' || error.message.includes('disk I/O error');
		this.failed(full ? 'storage-full' : 'unexpected', `the read model cannot be written: ${error.message}`);
	}
}
