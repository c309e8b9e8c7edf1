/** One connection of y-webrtc's, which is simple-peer over our link, as negotiation sees it. */
import type { WebrtcConn } from 'y-webrtc';
import type { LinkClass } from '../../link/link-class';
import type { Connection, Saying } from './attempt';
import { readSignal, type Description, type Signal } from './signal-message';

/** The part of simple-peer 9.11 that is used here. */
interface SimplePeer {
	readonly destroyed: boolean;
	readonly destroying: boolean;
	/** Null once it is destroyed. */
	readonly _pc: unknown;
	on(event: 'signal', listener: (signal: unknown) => void): void;
	once(event: 'close', listener: () => void): void;
	removeAllListeners(event: 'signal'): void;
	signal(signal: Signal): void;
}

export interface WebrtcConnectionPort {
	readonly links: LinkClass;
	publish(saying: Saying): void;
	/** simple-peer has something for the peer. */
	said(signal: Signal): void;
	/** y-webrtc has forgotten it. */
	closed(): void;
}

export class WebrtcConnection implements Connection {
	readonly #conn: WebrtcConn;
	readonly #peer: SimplePeer;
	readonly #port: WebrtcConnectionPort;

	/** @param conn just made: nothing of it has been said yet */
	constructor(conn: WebrtcConn, port: WebrtcConnectionPort) {
		this.#conn = conn;
		this.#peer = conn.peer as SimplePeer;
		this.#port = port;
		// y-webrtc would say it once, by itself.
		this.#peer.removeAllListeners('signal');
		this.#peer.on('signal', (said) => {
			const signal = readSignal(said);
			if (signal !== null) port.said(signal);
		});
		this.#peer.once('close', () => port.closed());
	}

	get connecting(): boolean {
		return this.#port.links.stateOf(this.#peer._pc) === 'connecting';
	}

	/** There is an authenticated link over it. */
	get linked(): boolean {
		return this.#port.links.stateOf(this.#peer._pc) === 'open';
	}

	get own(): Description | null {
		return this.#port.links.descriptionOf(this.#peer._pc);
	}

	take(signal: Signal): void {
		if (!this.#peer.destroyed && !this.#peer.destroying) this.#peer.signal(signal);
	}

	publish(saying: Saying): void {
		this.#port.publish(saying);
	}

	probe(): void {
		this.#port.links.probe(this.#peer._pc);
	}

	drop(gone: () => void): void {
		this.#peer.once('close', gone);
		this.#conn.destroy();
	}
}
