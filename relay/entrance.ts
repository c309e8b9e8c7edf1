/**
 * What a socket has to do before it has a document: it is given a nonce and answers with a ticket. The challenge leaves
 * with the answer to the upgrade, and a client may send on right behind its ticket, so this costs nobody a round trip.
 */
import { laneOf } from '../src/lib/protocol/ids';
import { ticketNonceLength, verifyTicket, type Ticket } from '../src/lib/protocol/ticket';
import { closeCodes, type CloseCode } from './close-codes';
import type { RelayDocument } from './document';
import type { Grant } from './document-access';
import { decodeDocumentFrame, encodeAccessFrame, encodeChallengeFrame } from './document-frames';
import { isOwnName } from './limits';
import { DocumentSocket, type DocumentSocketDeps } from './document-socket';
import type { RelaySocket } from './socket';

export interface EntranceDeps extends DocumentSocketDeps {
	readonly crypto: Crypto;
}

export class Entrance {
	readonly #nonce: Uint8Array;
	/** Of the key that the challenge has named. */
	readonly #generation: number;
	readonly #cancelDeadline: () => void;
	#deciding = false;
	/** Came in the same breath as the ticket. The socket is not read meanwhile, so they are few. */
	readonly #early: (readonly [Buffer, boolean])[] = [];
	#seat: DocumentSocket | null = null;

	constructor(
		private readonly socket: RelaySocket,
		private readonly document: RelayDocument,
		private readonly deps: EntranceDeps
	) {
		const { clock, settings, crypto } = deps;
		this.#nonce = crypto.getRandomValues(new Uint8Array(ticketNonceLength));
		this.#cancelDeadline = clock.after(settings.ticketSeconds * 1000, () =>
			this.#refuse(closeCodes.ticketLate, 'ticket-late')
		);
		socket.onClose(this.#cancelDeadline);
		socket.onMessage((data, isBinary) => this.#receive(data, isBinary));
		this.#generation = document.key.generation;
		socket.send(encodeChallengeFrame({ nonce: this.#nonce, ...document.key }));
	}

	#receive(data: Buffer, isBinary: boolean): void {
		if (this.#seat !== null) return this.#seat.receive(data, isBinary);
		if (this.#deciding) return void this.#early.push([data, isBinary]);
		const frame = decodeDocumentFrame(data, this.deps.settings.documentFrameBytes);
		if (!isBinary || !frame.ok || frame.value.kind !== 'ticket')
			return this.#refuse(closeCodes.badTicket, 'ticket-missing');
		this.#deciding = true;
		this.socket.hold('ticket');
		this.#decide(frame.value.ticket).catch((error: unknown) => {
			this.deps.log.error({ err: error }, 'ticket could not be checked');
			this.socket.close(closeCodes.internalError, 'ticket could not be checked');
		});
	}

	async #decide(ticket: Ticket): Promise<void> {
		const { kind, publicKey, mode, host } = ticket;
		const { crypto, settings, metrics } = this.deps;
		if (!isOwnName(settings.ticketHosts, host)) return this.#refuse(closeCodes.noAccess, 'ticket-host');
		if (!(await verifyTicket(crypto.subtle, this.document.context, this.#nonce, ticket)))
			return this.#refuse(closeCodes.badTicket, 'ticket-signature');
		const credential = { kind, publicKey, lane: kind === 'lane' ? laneOf(publicKey) : 0 };
		const entered = await this.document.enter(credential, (grant) => this.#seatFor(grant, mode));
		if (!entered.ok) {
			if (entered.reason === 'broken') return this.socket.close(closeCodes.internalError, 'storage failed');
			// A ticket for the key that the challenge has named says nothing of whether its sender knows the next one.
			if (this.document.key.generation !== this.#generation)
				return this.#refuse(closeCodes.accessMoved, 'ticket-overtaken');
			return this.#refuse(closeCodes.noAccess, `ticket-${entered.reason}`);
		}
		this.#cancelDeadline();
		const seat = entered.value;
		if (seat === null) return;
		metrics.tickets.inc({ mode: seat.grant.mode });
		this.socket.send(encodeAccessFrame({ generation: this.document.key.generation, mode: seat.grant.mode }));
		// Only then may what comes go straight to it: frames keep their order.
		for (const [data, isBinary] of this.#early.splice(0)) seat.receive(data, isBinary);
		this.#seat = seat;
		this.socket.release('ticket');
	}

	/** @returns null if the socket has gone in the meantime */
	#seatFor(grant: Grant, wish: Ticket['mode']): DocumentSocket | null {
		if (!this.socket.open) return null;
		const mode = wish === 'read' ? 'read' : grant.mode;
		return new DocumentSocket(this.socket, this.document, this.deps, { ...grant, mode });
	}

	#refuse(code: CloseCode, reason: string): void {
		if (!this.socket.open) return;
		this.deps.metrics.refused.inc({ reason });
		this.socket.close(code, reason);
	}
}
