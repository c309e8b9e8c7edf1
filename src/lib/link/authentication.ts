/**
 * Runs the owner's handshake over the control channel:
 *
 *     both open     → hello
 *     peer's hello  → proof  (bound to both DTLS fingerprints)
 *     peer's proof  → checked; good: accept
 *     peer's accept → the peer takes our frames
 *
 * Each message once and in this order. "accept" exists so that no side sends a document frame to a peer that is
 * still checking its proof: nothing has to be held back, and an early frame is plainly a violation.
 */
import { fail, ok, type Result } from '../protocol/result';
import type { Handshake, LinkPeer, LinkTranscript } from './contract';
import type { ControlMessage } from './control-message';

export interface AuthenticationPort {
	readonly handshake: Handshake;
	readonly transcript: () => Promise<Result<LinkTranscript, string>>;
	readonly send: (message: ControlMessage) => void;
	readonly authenticated: (peer: LinkPeer) => void;
	readonly accepted: () => void;
	readonly refuse: (reason: string) => void;
}

type Awaited = 'hello' | 'proof' | 'accept' | 'nothing';

export class Authentication {
	readonly #port: AuthenticationPort;
	#next: Awaited = 'hello';
	/** Two answers of the handshake never run at once. */
	#running: Promise<void> = Promise.resolve();
	#stopped = false;

	constructor(port: AuthenticationPort) {
		this.#port = port;
	}

	start(): void {
		this.#port.send({ kind: 'hello', body: this.#port.handshake.hello() });
	}

	/** Takes hello, proof or accept. Resolves when it has been dealt with; rejects if the handshake has a bug. */
	take(message: ControlMessage): Promise<void> {
		this.#running = this.#running.then(() => this.#take(message));
		return this.#running;
	}

	stop(): void {
		this.#stopped = true;
	}

	async #take(message: ControlMessage): Promise<void> {
		if (this.#stopped) return;
		const result = message.kind === this.#next ? await this.#step(message) : fail('handshake-order');
		if (!result.ok && !this.#stopped) this.#port.refuse(result.reason);
	}

	async #step(message: ControlMessage): Promise<Result<void, string>> {
		const { handshake, transcript, send, authenticated, accepted } = this.#port;
		if (message.kind === 'hello') {
			this.#next = 'proof';
			const seen = await transcript();
			if (!seen.ok) return seen;
			const proof = await handshake.prove(message.body, seen.value);
			if (!proof.ok) return proof;
			if (!this.#stopped) send({ kind: 'proof', body: proof.value });
		} else if (message.kind === 'proof') {
			this.#next = 'accept';
			const peer = await handshake.verify(message.body);
			if (!peer.ok) return peer;
			if (this.#stopped) return ok(undefined);
			authenticated(peer.value);
			send({ kind: 'accept' });
		} else {
			this.#next = 'nothing';
			accepted();
		}
		return ok(undefined);
	}
}
