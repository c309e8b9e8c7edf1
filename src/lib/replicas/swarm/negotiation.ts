/**
 * What one side does about each message of signalling, so that two sides come together whatever is lost, repeated or
 * late. Takes the place of y-webrtc's own rules, which count on every message; the messages are the same.
 *
 * A message shows what the peer has on its side. Where that does not fit what there is here, one of the two sides is
 * left over from an exchange that the other has given up, and it is this one that begins anew: an offer or an answer
 * is the newest word of whoever says it.
 */
import type { Attempt } from './attempt';
import {
	descriptionIdentity,
	type Announcement,
	type Description,
	type SignalMessage
} from './signal-message';

export interface NegotiationPort {
	/** y-webrtc's name for this visit of this page to the room. */
	readonly ownId: string;
	attemptWith(peer: string): Attempt | undefined;
	/** Whether one more peer may be invited, or may come. */
	hasRoom(as: 'offerer' | 'answerer'): boolean;
	/** Begins to connect. An offerer makes its offer by itself; an answerer waits for one. */
	begin(peer: string, as: 'offerer' | 'answerer'): Attempt;
}

export class Negotiation {
	constructor(readonly port: NegotiationPort) {}

	/** @param message from anybody in the room, to anybody */
	hear(message: SignalMessage): void {
		const { ownId } = this.port;
		if (message.from === ownId) return;
		if (message.type === 'announce') return this.#announced(message);
		const { from, to, token, signal, answers } = message;
		if (to !== ownId) return;
		if (signal.type === 'candidate') {
			// Of an exchange that is over, or its offer was lost and comes again, with this in it.
			const attempt = this.port.attemptWith(from);
			if (attempt?.connection.connecting === true) attempt.connection.take(signal);
		} else if (descriptionIdentity(signal) === null) return;
		else if (signal.type === 'offer') this.#offered(from, signal, token);
		else this.#answered(from, signal, token, answers);
	}

	#announced({ from, linked }: Announcement): void {
		const attempt = this.port.attemptWith(from);
		if (attempt === undefined) return this.#invite(from);
		if (attempt.connection.connecting) return attempt.sayAgain();
		// Who announces themselves although we have a link to them has probably lost their end.
		if (linked?.includes(this.port.ownId) !== true) attempt.connection.probe();
	}

	#offered(peer: string, offer: Description, token: number): void {
		const attempt = this.port.attemptWith(peer);
		if (attempt === undefined) return this.#accept(peer, offer, token);
		const { connection } = attempt;
		if (!connection.connecting) return connection.probe();
		if (attempt.isTaken(offer)) {
			attempt.takeAgain(offer, token);
			return attempt.sayAgain();
		}
		if (attempt.isOutdated(token)) return;
		if (attempt.taken !== null) return connection.drop(() => this.#accept(peer, offer, token));
		// Both offer: the later offer wins, on both sides.
		if (attempt.token !== null && attempt.token > token) return;
		attempt.take(offer, token);
	}

	#answered(peer: string, answer: Description, token: number, answers?: string): void {
		const attempt = this.port.attemptWith(peer);
		// They answer an offer of ours that is given up: they are there, and want to.
		if (attempt === undefined) return this.#invite(peer);
		const { connection } = attempt;
		const { own, connecting } = connection;
		if (!connecting || own === null || attempt.isOutdated(token)) return;
		const fits = own.type === 'offer' && (answers === undefined || answers === descriptionIdentity(own));
		if (fits && attempt.taken === null) attempt.take(answer, token);
		else if (fits && attempt.isTaken(answer)) attempt.takeAgain(answer, token);
		// Of an earlier offer; they will hear the newer one.
		else if (!fits && attempt.taken === null) attempt.sayAgain();
		else connection.drop(() => this.#invite(peer));
	}

	#invite(peer: string): void {
		if (this.port.attemptWith(peer) === undefined && this.port.hasRoom('offerer'))
			this.port.begin(peer, 'offerer');
	}

	#accept(peer: string, offer: Description, token: number): void {
		if (this.port.attemptWith(peer) === undefined && this.port.hasRoom('answerer'))
			this.port.begin(peer, 'answerer').take(offer, token);
	}
}
