/**
 * What one document has to tell its sockets about what is on the disk now. Once a turn of the event loop: what one
 * commit has made durable goes out in one frame, and acknowledgements of many updates are one.
 */
import { setImmediate } from 'node:timers';
import type { AcknowledgedHead } from '../src/lib/protocol/acknowledgement';
import type { AdmittedRun } from '../src/lib/protocol/guard/lanes';
import type { DocumentSocket } from './document-socket';
import { updatePieces } from './lane-runs';

export interface AnnouncementsDeps {
	/** The durable heads of these lanes. */
	readonly heads: (lanes: Iterable<number>) => readonly AcknowledgedHead[];
	readonly sockets: () => Iterable<DocumentSocket>;
}

export class Announcements {
	readonly #runs: AdmittedRun[] = [];
	readonly #lanesBySocket = new Map<DocumentSocket, Set<number>>();
	#isDue = false;
	#isSilent = false;

	constructor(private readonly deps: AnnouncementsDeps) {}

	/** These are on the disk: everybody is to have them. */
	add(runs: readonly AdmittedRun[]): void {
		this.#runs.push(...runs);
		this.#soon();
	}

	/** Whatever of these lanes is on the disk, this socket is to know. */
	acknowledge(socket: DocumentSocket, lanes: readonly number[]): void {
		const known = this.#lanesBySocket.get(socket) ?? new Set();
		for (const lane of lanes) known.add(lane);
		this.#lanesBySocket.set(socket, known);
		this.#soon();
	}

	/** Nobody is told anything any more. */
	silence(): void {
		this.#isSilent = true;
	}

	#soon(): void {
		if (this.#isDue) return;
		this.#isDue = true;
		setImmediate(() => {
			this.#isDue = false;
			if (!this.#isSilent) this.#tell();
		});
	}

	#tell(): void {
		const acknowledged = [...this.#lanesBySocket];
		const pieces = updatePieces(this.#runs);
		this.#lanesBySocket.clear();
		this.#runs.length = 0;
		for (const [socket, lanes] of acknowledged) {
			const heads = this.deps.heads(lanes);
			if (heads.length > 0) socket.acknowledge(heads);
		}
		if (pieces.length > 0) for (const socket of this.deps.sockets()) socket.offer(pieces);
	}
}
