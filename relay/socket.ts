/**
 * One WebSocket of the relay: what is buffered for it, whether it is alive, how often it has sent what it must not.
 * Everything that is sent goes through here, so that no way around the buffer limits exists.
 */
import { WebSocket } from 'ws';
import type { Clock } from './clock';
import { closeCodes, type CloseCode } from './close-codes';
import type { RelayLog } from './log';
import type { RelayMetrics, SocketKind } from './metrics';
import type { RelaySettings } from './settings';

/** So many malformed frames may be an accident of versions; one more is not answered. */
const violationLimit = 5;
/** Reasons have to fit in a control frame of 125 bytes, code included. */
const reasonLimit = 120;

export interface RelaySocketDeps {
	readonly kind: SocketKind;
	readonly settings: RelaySettings;
	readonly clock: Clock;
	readonly metrics: RelayMetrics;
	readonly log: RelayLog;
}

/** ws answers a frame over `maxPayload` with 1009, which clients retry for ever; ours is a permanent refusal. */
export class FrameLimitedWebSocket extends WebSocket {
	override close(code?: number, reason?: string | Buffer): void {
		if (code === 1009) super.close(closeCodes.frameTooLarge, 'frame too large');
		else super.close(code, reason);
	}
}

export class RelaySocket {
	#lastHeardMs: number;
	#lastSentMs: number;
	#lastPingMs: number;
	#violations = 0;
	readonly #holds = new Set<string>();
	#drainWaiters: (() => void)[] = [];
	readonly #closeListeners: (() => void)[] = [];

	constructor(
		private readonly raw: WebSocket,
		private readonly deps: RelaySocketDeps
	) {
		const nowMs = deps.clock.nowMs();
		this.#lastHeardMs = nowMs;
		this.#lastSentMs = nowMs;
		this.#lastPingMs = nowMs;
		raw.on('pong', () => this.#heard());
		raw.on('message', () => this.#heard());
		// ws tells of broken frames here and closes the socket itself; 'close' follows.
		raw.on('error', (error) => deps.log.debug({ reason: error.message }, 'socket error'));
		raw.on('close', (code) => {
			deps.log.debug({ code }, 'socket closed');
			this.#wakeDrained();
			for (const listener of this.#closeListeners) listener();
		});
	}

	get open(): boolean {
		return this.raw.readyState === WebSocket.OPEN;
	}

	/** Bytes handed over for sending that the operating system has not yet taken. */
	get bufferedBytes(): number {
		return this.raw.bufferedAmount;
	}

	/** Too much is buffered to send it anything that can wait. */
	get slow(): boolean {
		return this.raw.bufferedAmount > this.deps.settings.slowSocketBytes;
	}

	onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
		// A server's messages come as Buffer: neither fragments nor array buffers were asked for.
		this.raw.on('message', (data, isBinary) => {
			if (this.open) listener(data as Buffer, isBinary);
		});
	}

	onClose(listener: () => void): void {
		this.#closeListeners.push(listener);
	}

	/** @returns false if the socket is closed, or is closed now because it will not drain (1013) */
	send(data: Uint8Array | string): boolean {
		if (!this.open) return false;
		if (this.raw.bufferedAmount > this.deps.settings.stuckSocketBytes) {
			this.close(closeCodes.tooSlow, 'too slow');
			return false;
		}
		this.#lastSentMs = this.deps.clock.nowMs();
		// An error here is that of the socket, which reports it through its own events.
		this.raw.send(data, { binary: typeof data !== 'string' }, () => {
			if (this.#drained()) this.#wakeDrained();
		});
		return true;
	}

	/** Resolves when at most half of what makes a socket slow is buffered, or when the socket is closed. */
	drained(): Promise<void> {
		if (this.#drained()) return Promise.resolve();
		return new Promise((resolve) => this.#drainWaiters.push(resolve));
	}

	#drained(): boolean {
		return !this.open || this.raw.bufferedAmount <= this.deps.settings.slowSocketBytes / 2;
	}

	#wakeDrained(): void {
		const waiters = this.#drainWaiters;
		this.#drainWaiters = [];
		for (const wake of waiters) wake();
	}

	/** Stops reading until `release` is called with the same reason: the peer's own TCP holds it back. */
	hold(reason: string): void {
		if (this.#holds.size === 0 && this.open) {
			this.raw.pause();
			this.deps.metrics.heldBack.inc({ kind: this.deps.kind });
		}
		this.#holds.add(reason);
	}

	release(reason: string): void {
		if (!this.#holds.delete(reason) || this.#holds.size > 0) return;
		this.#heard();
		if (this.raw.readyState !== WebSocket.CLOSED) this.raw.resume();
	}

	/** Counts a frame that no sound client sends; the fifth closes the socket for good. */
	violation(reason: string): void {
		this.deps.metrics.rejected.inc({ kind: this.deps.kind, reason });
		this.#violations++;
		if (this.#violations >= violationLimit) this.close(closeCodes.malformed, `malformed: ${reason}`);
	}

	close(code: CloseCode, reason: string): void {
		if (!this.open) return;
		this.deps.metrics.closed.inc({ kind: this.deps.kind, code: String(code) });
		this.deps.log.info({ code, reason }, 'closing socket');
		// A paused socket would never read the other side's close frame.
		this.raw.resume();
		this.raw.close(code, reason.slice(0, reasonLimit));
	}

	terminate(): void {
		this.raw.terminate();
	}

	/**
	 * Called every second or so: pings, ends dead sockets, keeps quiet ones alive.
	 * @param keepAlive what to send to a socket that was sent nothing for `afterMs`
	 */
	beat(keepAlive?: { readonly frame: Uint8Array; readonly afterMs: number }): void {
		const nowMs = this.deps.clock.nowMs();
		// While we do not read, silence is our own doing.
		if (this.#holds.size === 0 && nowMs - this.#lastHeardMs > this.deps.settings.idleSeconds * 1000) {
			this.close(closeCodes.idle, 'idle');
			return;
		}
		if (!this.open) return;
		if (nowMs - this.#lastPingMs >= this.deps.settings.pingSeconds * 1000) {
			this.#lastPingMs = nowMs;
			this.raw.ping();
		}
		if (keepAlive !== undefined && nowMs - this.#lastSentMs >= keepAlive.afterMs) this.send(keepAlive.frame);
	}

	#heard(): void {
		this.#lastHeardMs = this.deps.clock.nowMs();
	}
}
