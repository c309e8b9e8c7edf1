/**
 * An RTCPeerConnection for `peerOpts.wrtc` of y-webrtc (and so for simple-peer 9.11), which is a link: framed,
 * authenticated, watched over. See `contract.ts` for what it asks of its owner.
 *
 * All channels are negotiated, simple-peer's own too. In-band ones would be lost in glare: both sides are
 * initiators then, each opens a channel of its own, and neither listens for the other's.
 */
import { fail, ok, type Result } from '../protocol/result';
import type { Link, LinkOwner, LinkTranscript } from './contract';
import type { DocumentChannel } from './document-channel';
import { defaultLinkTiming, type LinkTiming } from './limits';
import { LinkSession, type LinkEnd } from './link-session';
import { descriptionFingerprint } from './session-description';
import { jittered, type Timers } from './timers';

export interface LinkDeps {
	/** The browser's own class (or another with its behaviour). */
	readonly RTCPeerConnection: typeof RTCPeerConnection;
	readonly timers: Timers;
	/** In [0, 1); for jitter only. */
	readonly random: () => number;
	/** Connections that may exist at once; one more is refused in the constructor. */
	readonly connectionLimit: number;
	readonly timing?: Partial<LinkTiming>;
}

export interface LinkClass {
	/** For `wrtc.RTCPeerConnection`. Its constructor throws when there are too many connections. */
	readonly RTCPeerConnection: typeof RTCPeerConnection;
	/** The open links. */
	links(): readonly Link[];
	/** Asks all open links, or the one over `connection`, for a sign of life within the short deadline. */
	probe(connection?: unknown): void;
	/**
	 * Of one of its connections: still being set up, open, or neither (in the handshake, or over). Null for anything
	 * else.
	 */
	stateOf(connection: unknown): 'connecting' | 'open' | 'other' | null;
	/** What a connection says of itself, with the candidates that it has by now; null while there is nothing to say. */
	descriptionOf(connection: unknown): { readonly type: 'offer' | 'answer'; readonly sdp: string } | null;
	closeAll(reason: string): void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

export function createLinkClass(owner: LinkOwner, deps: LinkDeps): LinkClass {
	const timing: LinkTiming = { ...defaultLinkTiming, ...deps.timing };
	const live = new Set<LinkConnection>();
	/** Refusals in a row by device, '' for those that never said who they are. */
	const refusalsByDevice = new Map<string, number>();
	let failedAttempts = 0;
	let lastId = 0;

	class LinkConnection extends deps.RTCPeerConnection {
		readonly session: LinkSession;
		#offered = false;
		#remoteOffered = false;
		#channelTaken = false;
		/** The description that is being set, settled once the connection shows it. */
		#describing: Promise<unknown> = Promise.resolve();
		#cancelPause: (() => void) | null = null;
		#cancelGathering: (() => void) | null = null;

		constructor(configuration?: RTCConfiguration) {
			if (live.size >= deps.connectionLimit) throw new Error('too many connections');
			super(configuration);
			// First of all listeners, so that a channel which the peer opens never reaches simple-peer.
			this.addEventListener('datachannel', (event) => {
				if (!event.isTrusted) return;
				event.stopImmediatePropagation();
				this.session.refuse('foreign-channel');
			});
			const negotiated = (label: string, id: number): RTCDataChannel =>
				super.createDataChannel(label, { negotiated: true, id });
			this.session = new LinkSession({
				id: ++lastId,
				ends: {
					document: negotiated('document', 0),
					control: negotiated('control', 1),
					sync: negotiated('sync', 2)
				},
				owner,
				timers: deps.timers,
				random: deps.random,
				timing,
				connectMs: jittered(afterFailures(timing.connectMs, failedAttempts, timing), 0.2, deps.random),
				transcript: () => this.#transcript(),
				progressing: () =>
					this.remoteDescription !== null &&
					this.localDescription !== null &&
					this.iceConnectionState !== 'new',
				opened: () => this.#opened(),
				ended: (end) => this.#ended(end)
			});
			live.add(this);
		}

		/** simple-peer's one channel, if it is the initiator. The label and options it asks for are not used. */
		override createDataChannel(): DocumentChannel {
			if (this.#channelTaken) throw new DOMException('a link has one document channel', 'OperationError');
			this.#channelTaken = true;
			return this.session.documentChannel;
		}

		override createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit>;
		override createOffer(
			done: RTCSessionDescriptionCallback,
			failed: RTCPeerConnectionErrorCallback,
			options?: RTCOfferOptions
		): Promise<void>;
		override async createOffer(
			options?: RTCOfferOptions | RTCSessionDescriptionCallback
		): Promise<RTCSessionDescriptionInit | void> {
			if (typeof options === 'function') throw new TypeError('createOffer with callbacks is not offered');
			// One offer per connection: a second one is a peer's wish to renegotiate, and there is nothing to change.
			if (this.#offered || this.#remoteOffered || this.session.closed) return never();
			this.#offered = true;
			return super.createOffer(options);
		}

		override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
			if (description?.type !== 'offer') {
				await this.#describe(super.setLocalDescription(description));
				return this.#watchGathering();
			}
			if (this.#remoteOffered || this.session.closed) return never();
			await this.#describe(super.setLocalDescription(description));
			this.#watchGathering();
			// The peer's offer came in between and has rolled ours back: were simple-peer told of success now, it would
			// send the stale offer, with a newer glare token than the peer's.
			if (this.#remoteOffered) return never();
		}

		override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
			if (this.session.closed) return never();
			const fingerprint = descriptionFingerprint(description.sdp);
			if (!fingerprint.ok) {
				this.session.refuse(fingerprint.reason);
				return never();
			}
			if (description.type === 'offer') {
				// A new offer for a connection that is up: the peer has lost its end, or somebody pretends to be it.
				if (!this.session.connecting) {
					this.session.probe();
					return never();
				}
				this.#remoteOffered = true;
				return this.#describe(super.setRemoteDescription(description));
			}
			// A stray answer (to an offer that was rolled back, or from somebody else) must not break what there is.
			const expected = description.type === 'answer' && this.signalingState === 'have-local-offer';
			if (!expected || this.#remoteOffered) return never();
			return this.#describe(super.setRemoteDescription(description));
		}

		override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
			if (this.session.closed) return;
			try {
				await super.addIceCandidate(candidate);
			} catch (error) {
				// Candidates of an offer that was rolled back arrive late and fit no description. simple-peer would
				// destroy the connection; without them it is as good as before. Anything else is a bug.
				if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
			}
		}

		/** Called by simple-peer when it is destroyed, and by whoever wants the connection gone. */
		override close(): void {
			this.#cancelPause?.();
			this.#cancelPause = null;
			live.delete(this);
			this.session.end('closed-here');
			super.close();
		}

		#describe(setting: Promise<void>): Promise<void> {
			// Whether it can be set is for whoever asked.
			this.#describing = Promise.allSettled([setting]);
			return setting;
		}

		#watchGathering(): void {
			this.#cancelGathering?.();
			this.#cancelGathering = null;
			if (this.session.closed) return;
			const gatherMs = jittered(afterFailures(timing.gatherMs, failedAttempts, timing), 0.2, deps.random);
			this.#cancelGathering = deps.timers.after(gatherMs, () => {
				if (this.session.connecting && this.localDescription?.sdp.includes('a=candidate:') !== true)
					this.session.end('no-candidates');
			});
		}

		/**
		 * A browser connects on other threads than the page's: under load the peer's hello can be here before the
		 * answer that made it possible shows as `remoteDescription`.
		 */
		async #transcript(): Promise<Result<LinkTranscript, string>> {
			await this.#describing;
			const { localDescription, remoteDescription } = this;
			const own = descriptionFingerprint(localDescription?.sdp);
			const peer = descriptionFingerprint(remoteDescription?.sdp);
			if (!own.ok) return own;
			if (!peer.ok) return peer;
			if (localDescription === null) return fail('description-refused');
			return ok({
				role: localDescription.type === 'offer' ? 'offerer' : 'answerer',
				ownFingerprint: own.value,
				peerFingerprint: peer.value
			});
		}

		#opened(): void {
			failedAttempts = 0;
			refusalsByDevice.delete('');
			if (this.#channelTaken) return;
			this.#channelTaken = true;
			const event = new Event('datachannel');
			this.dispatchEvent(Object.assign(event, { channel: this.session.documentChannel }));
		}

		#ended(end: LinkEnd): void {
			this.#cancelGathering?.();
			super.close();
			const pauseMs = Math.max(end.pauseMs, this.#pauseMs(end));
			// simple-peer looks at the state when told that it has changed, finds "closed" and destroys itself; then
			// y-webrtc forgets the peer and announces itself. Until told, it keeps the peer's place, and so a peer that
			// misbehaves cannot come back at once.
			const tell = (): void => {
				live.delete(this);
				this.dispatchEvent(new Event('iceconnectionstatechange'));
			};
			if (pauseMs > 0) this.#cancelPause = deps.timers.after(pauseMs, tell);
			else tell();
		}

		#pauseMs(end: LinkEnd): number {
			const device = end.peer?.device ?? '';
			if (end.reason === 'not-connected' || end.reason === 'no-candidates') failedAttempts++;
			if (!end.refused || end.reason === 'not-connected' || end.reason === 'silent') return 0;
			const refusals = refusalsByDevice.get(device) ?? 0;
			refusalsByDevice.set(device, refusals + 1);
			return Math.min(longestPauseMs, firstPauseMs * 2 ** refusals);
		}
	}

	return {
		RTCPeerConnection: LinkConnection,
		links: () => [...live].flatMap((connection) => connection.session.link ?? []),
		probe(connection) {
			if (connection === undefined) for (const each of live) each.session.probe();
			else if (connection instanceof LinkConnection) connection.session.probe();
		},
		stateOf(connection) {
			if (!(connection instanceof LinkConnection)) return null;
			const { session } = connection;
			return session.connecting ? 'connecting' : session.link === null ? 'other' : 'open';
		},
		descriptionOf(connection) {
			if (!(connection instanceof LinkConnection)) return null;
			const { type, sdp } = connection.localDescription ?? {};
			return sdp !== undefined && (type === 'offer' || type === 'answer') ? { type, sdp } : null;
		},
		closeAll(reason) {
			for (const connection of [...live]) connection.session.end(reason);
		}
	};
}

/** The first retry is as quick as the first try; then the wait grows by half each time. */
function afterFailures(firstMs: number, failedAttempts: number, { connectSlowestMs }: LinkTiming): number {
	return Math.min(connectSlowestMs, firstMs * 1.5 ** Math.max(0, failedAttempts - 1));
}

/** For a step that has been overtaken: whoever waits for it waits until the connection is closed. */
function never(): Promise<never> {
	return new Promise<never>(() => undefined);
}
