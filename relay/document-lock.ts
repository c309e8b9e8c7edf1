/**
 * The lock of one open document: the key that it has, and who came in by which. What it says is so at once, but nobody
 * is told before its row is on stable storage: that is for the document to see to, which writes everything in order.
 */
import { equalBytes } from '../src/lib/protocol/bytes';
import { fail, type Result } from '../src/lib/protocol/result';
import { verifyRotation, type SignedRotation } from '../src/lib/protocol/ticket';
import type { Clock } from './clock';
import { closeCodes } from './close-codes';
import {
	decodeDocumentAccess,
	encodeDocumentAccess,
	grantOf,
	pinned,
	rotated,
	type AccessLimits,
	type AccessRefusal,
	type Credential,
	type DocumentAccess,
	type Grant
} from './document-access';
import type { DocumentSocket } from './document-socket';

export interface DocumentLockDeps {
	readonly settings: AccessLimits;
	readonly subtle: SubtleCrypto;
	readonly clock: Clock;
	/** Of a lane that the document holds. */
	readonly laneKey: (lane: number) => Uint8Array | undefined;
}

export class DocumentLock {
	#access: DocumentAccess | null;
	#row: Uint8Array;
	#unsavedBytes: number | null = null;
	readonly #credentialBySocket = new Map<DocumentSocket, Credential>();

	/** @param row as it was stored, or null */
	constructor(
		private readonly document: Uint8Array,
		row: Uint8Array | null,
		private readonly deps: DocumentLockDeps
	) {
		this.#access = row === null ? null : decodeDocumentAccess(row);
		this.#row = row ?? new Uint8Array();
	}

	/** What a challenge says. */
	get key(): { readonly generation: number; readonly current: Uint8Array | null } {
		return { generation: this.#access?.generation ?? 0, current: this.#access?.current ?? null };
	}

	get sockets(): Iterable<DocumentSocket> {
		return this.#credentialBySocket.keys();
	}

	/** What has to be stored, and by how many bytes that is more than what is stored. */
	get unsaved(): { readonly row: Uint8Array; readonly addedBytes: number } | null {
		return this.#unsavedBytes === null ? null : { row: this.#row, addedBytes: this.#unsavedBytes };
	}

	/** The row is handed to storage. */
	saved(): void {
		this.#unsavedBytes = null;
	}

	/** The first access key that comes, proved to be its holder's, is the document's. */
	claim({ kind, publicKey }: Credential): void {
		if (this.#access === null && kind === 'access') this.#set(pinned(publicKey));
	}

	grantOf(credential: Credential): Result<Grant, AccessRefusal> {
		if (this.#access === null) return fail(credential.kind === 'lane' ? 'lane' : 'key');
		return grantOf(this.#access, credential, this.deps.clock.unixSeconds(), this.deps.laneKey);
	}

	enter(socket: DocumentSocket, credential: Credential): void {
		this.#credentialBySocket.set(socket, credential);
	}

	leave(socket: DocumentSocket): void {
		this.#credentialBySocket.delete(socket);
	}

	/** @returns whether the document has a new key; otherwise the source has been told off, or ignored */
	async turn(source: DocumentSocket, rotation: SignedRotation): Promise<boolean> {
		const { settings, subtle, clock } = this.deps;
		if (this.#access === null) throw new Error('a socket was let in without a key');
		const { generation, current } = this.#access;
		const isRepeated = rotation.generation === generation && equalBytes(rotation.next, current);
		if (isRepeated) return false;
		const next = rotated(this.#access, rotation, clock.unixSeconds(), settings);
		if (!next.ok) {
			source.ignored(next.reason);
			return false;
		}
		if (!(await verifyRotation(subtle, this.document, current, rotation))) {
			source.violation('rotation-signature');
			return false;
		}
		this.#set(next.value);
		return true;
	}

	/** Once the new key is stored: whose key has ended has to go, or may only read. */
	review(): void {
		for (const [socket, credential] of this.#credentialBySocket) {
			const grant = this.grantOf(credential);
			if (grant.ok) socket.demote(grant.value);
			else socket.expel(closeCodes.accessMoved, 'the document has a new key');
		}
	}

	/** Sends those away whose time to read is over. */
	endLeases(): void {
		const nowSeconds = this.deps.clock.unixSeconds();
		for (const socket of this.sockets) {
			const { untilSeconds } = socket.grant;
			if (untilSeconds !== null && untilSeconds <= nowSeconds)
				socket.expel(closeCodes.noAccess, 'ticket-key');
		}
	}

	#set(access: DocumentAccess): void {
		const before = this.#row.length - (this.#unsavedBytes ?? 0);
		this.#access = access;
		this.#row = encodeDocumentAccess(access);
		this.#unsavedBytes = this.#row.length - before;
	}
}
