/**
 * How fast a document socket is read. A socket in debt, or with too much undecided, is not read for a while, so that its
 * own TCP holds the client back. Closing it would only make it come back at once, with all it has to say.
 */
import type { Clock } from './clock';
import { TokenBucket } from './limits';
import type { RelaySettings } from './settings';
import type { RelaySocket } from './socket';

/** Of frames that wait to be decided: beyond, the socket is not read. One update may be larger. */
const undecidedLimitBytes = 1024 * 1024;
const undecidedLimitFrames = 256;

export class Pace {
	readonly #messages: TokenBucket;
	readonly #bytes: TokenBucket;
	#undecidedBytes = 0;
	#undecidedFrames = 0;
	#cancelRelease: (() => void) | null = null;

	constructor(
		private readonly socket: RelaySocket,
		settings: RelaySettings,
		private readonly clock: Clock
	) {
		this.#messages = new TokenBucket(
			clock,
			settings.documentMessagesPerSecond,
			settings.documentMessagesBurst
		);
		this.#bytes = new TokenBucket(clock, settings.documentBytesPerSecond, settings.documentBytesBurst);
		socket.onClose(() => this.#cancelRelease?.());
	}

	/** Charges the socket for what it has sent. */
	pay(messages: number, bytes: number): void {
		const waitMs = Math.max(this.#messages.take(messages), this.#bytes.take(bytes));
		if (waitMs === 0) return;
		this.socket.hold('rate');
		this.#cancelRelease?.();
		this.#cancelRelease = this.clock.after(waitMs, () => this.socket.release('rate'));
	}

	/** Counts a frame of so many bytes as undecided until `deciding` settles, which must not reject. */
	async while(deciding: Promise<void>, bytes: number): Promise<void> {
		this.#undecided(bytes, 1);
		await deciding;
		this.#undecided(-bytes, -1);
	}

	#undecided(bytes: number, frames: number): void {
		this.#undecidedBytes += bytes;
		this.#undecidedFrames += frames;
		const many = this.#undecidedBytes > undecidedLimitBytes || this.#undecidedFrames > undecidedLimitFrames;
		if (many) this.socket.hold('undecided');
		else this.socket.release('undecided');
	}
}
