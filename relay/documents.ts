/** `/doc/<name>`: the documents that have sockets right now. What nobody is connected to takes no memory. */
import { fromBase64url } from '../src/lib/protocol/base64url';
import type { Clock } from './clock';
import { closeCodes } from './close-codes';
import { RelayDocument } from './document';
import { Entrance } from './entrance';
import type { Redactor, RelayLog } from './log';
import type { RelayMetrics } from './metrics';
import type { RelaySettings } from './settings';
import type { RelaySocket } from './socket';
import type { RelayStorage } from './storage';

const contextLength = 32;

/** @returns the 32 bytes that a document's name stands for, or null if it is no canonical name */
export function contextOfName(name: string): Uint8Array | null {
	const context = fromBase64url(name);
	return context.ok && context.value.length === contextLength ? context.value : null;
}

export interface DocumentsDeps {
	readonly settings: RelaySettings;
	readonly storage: RelayStorage;
	readonly crypto: Crypto;
	readonly clock: Clock;
	readonly metrics: RelayMetrics;
	readonly log: RelayLog;
	readonly redact: Redactor;
}

interface OpenDocument {
	readonly opening: Promise<RelayDocument>;
	document: RelayDocument | null;
	/** Sockets that have it or wait for it. */
	users: number;
}

export class Documents {
	readonly #openByName = new Map<string, OpenDocument>();

	constructor(private readonly deps: DocumentsDeps) {
		deps.metrics.storedBytes.set(deps.storage.totalBytes);
	}

	/** Takes over a socket just accepted, which is not read before its document is open. */
	async add(socket: RelaySocket, name: string): Promise<void> {
		const context = contextOfName(name);
		if (context === null) {
			this.deps.metrics.refused.inc({ reason: 'document-name' });
			socket.close(closeCodes.notADocument, 'not the name of a document');
			return;
		}
		socket.hold('opening');
		const log = this.deps.log.child({ document: this.deps.redact(name) });
		const open = this.#open(name, context, log);
		open.users++;
		socket.onClose(() => void this.#leave(name, open));
		const document = await open.opening;
		if (!socket.open) return;
		if (document.broken) return socket.close(closeCodes.internalError, 'storage failed');
		new Entrance(socket, document, { ...this.deps, log });
		socket.release('opening');
	}

	#open(name: string, context: Uint8Array, log: RelayLog): OpenDocument {
		const open = this.#openByName.get(name);
		if (open !== undefined) return open;
		const opening = this.deps.storage.open(context).then((stored) => {
			const { subtle } = this.deps.crypto;
			const document = new RelayDocument(context, stored, { ...this.deps, subtle, log });
			document.onBroken(() => this.#forget(name, opened));
			opened.document = document;
			return document;
		});
		const opened: OpenDocument = { opening, document: null, users: 0 };
		this.#openByName.set(name, opened);
		this.deps.metrics.openDocuments.set(this.#openByName.size);
		opening.catch(() => this.#forget(name, opened));
		return opened;
	}

	async #leave(name: string, open: OpenDocument): Promise<void> {
		open.users--;
		if (open.users > 0) return;
		const document = await open.opening.catch(() => null);
		await document?.settled();
		// Somebody may have come back while the last entries were written.
		if (open.users === 0) this.#forget(name, open);
	}

	/** A later one of the same name is not touched. */
	#forget(name: string, open: OpenDocument): void {
		if (this.#openByName.get(name) === open) this.#openByName.delete(name);
		this.deps.metrics.openDocuments.set(this.#openByName.size);
	}

	/** To be called every second or so. */
	beat(): void {
		for (const { document } of this.#openByName.values()) document?.endLeases();
	}

	/** Resolves when everything that sockets have handed in is on stable storage. */
	async settled(): Promise<void> {
		const documents = await Promise.all([...this.#openByName.values()].map(({ opening }) => opening));
		await Promise.all(documents.map((document) => document.settled()));
	}
}
