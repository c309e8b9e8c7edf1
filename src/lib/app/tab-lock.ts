/**
 * One tab is active at a time. The others offer "Use here": the active one is asked to finish and let go; if it does
 * not answer (frozen, crashed), its lock is taken, and the fence in the device database keeps it from writing.
 */
const lockName = 'skein-active-tab';
const channelName = 'skein-tabs';
/** How long a tab that should let go may take to finish. */
const handOverMs = 4_000;
/** How long to wait at start for a lock that somebody holds, if no other tab says that it is active: a reload frees it late. */
const startMs = 1_500;

type TabMessage = 'who-is-active' | 'active' | 'let-go';

export class TabLock {
	readonly #channel = new BroadcastChannel(channelName);
	#release: (() => void) | null = null;

	/** @param letGo finishes what is under way; called when another tab takes over, before the lock is freed */
	constructor(readonly letGo: () => Promise<void>) {
		this.#channel.onmessage = (event: MessageEvent<TabMessage>) => void this.#hear(event.data);
	}

	get held(): boolean {
		return this.#release !== null;
	}

	/** @returns whether this tab is the active one now */
	async acquire(): Promise<boolean> {
		const waiting = new AbortController();
		const onActive = (event: MessageEvent<TabMessage>): void => {
			if (event.data === 'active') waiting.abort();
		};
		this.#channel.addEventListener('message', onActive);
		let timer = setTimeout(() => void look(), startMs);
		const look = async (): Promise<void> => {
			// On a busy device the browser's answer may take longer than any tab that holds the lock.
			const { held = [] } = await navigator.locks.query();
			if (held.some(({ name }) => name === lockName)) waiting.abort();
			else if (!waiting.signal.aborted) timer = setTimeout(() => void look(), startMs);
		};
		this.#channel.postMessage('who-is-active' satisfies TabMessage);
		try {
			return await this.#request({ signal: waiting.signal });
		} finally {
			clearTimeout(timer);
			this.#channel.removeEventListener('message', onActive);
		}
	}

	/** Takes over from whichever tab is active. */
	async takeOver(): Promise<void> {
		this.#channel.postMessage('let-go' satisfies TabMessage);
		if (await this.#request({ signal: AbortSignal.timeout(handOverMs) })) return;
		await this.#request({ steal: true });
	}

	close(): void {
		this.#release?.();
		this.#release = null;
		this.#channel.close();
	}

	/**
	 * Resolves when the lock is held, or not to be had in time; keeps it until `#release`.
	 * Giving up does not wait for the browser's word on it: Chromium leaves a request in line, unanswered, if it is
	 * aborted just after it was made. If it is granted then, it is given back at once.
	 */
	#request(options: LockOptions): Promise<boolean> {
		return new Promise((resolve, reject) => {
			let state: 'waiting' | 'given-up' | 'held' = 'waiting';
			const giveUp = (): void => {
				if (state === 'waiting') state = 'given-up';
				resolve(false);
			};
			options.signal?.addEventListener('abort', giveUp);
			const held = navigator.locks.request(lockName, options, () => {
				if (state === 'given-up') return undefined;
				state = 'held';
				resolve(true);
				return new Promise<void>((release) => (this.#release = release));
			});
			held.catch((error: unknown) => {
				const aborted =
					error instanceof DOMException && (error.name === 'AbortError' || error.name === 'TimeoutError');
				if (!aborted) return reject(error);
				// Either we waited in vain, or another tab took the lock while we held it.
				if (state === 'held' && this.#release !== null) void this.#lost();
				giveUp();
			});
		});
	}

	async #lost(): Promise<void> {
		this.#release = null;
		await this.letGo();
	}

	async #hear(message: TabMessage): Promise<void> {
		if (this.#release === null) return;
		if (message === 'who-is-active') this.#channel.postMessage('active' satisfies TabMessage);
		if (message !== 'let-go') return;
		const release = this.#release;
		this.#release = null;
		await this.letGo();
		release();
	}
}
