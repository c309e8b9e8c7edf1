/**
 * What a link needs from its owner, and what it offers. A link is one RTCPeerConnection to one peer of one
 * conversation; it moves frames and knows no documents.
 */
import type { Result } from '../protocol/result';

/** Who is at the other end, proven by the handshake (protocol 7). Ids are base64url. */
export interface LinkPeer {
	readonly account: string;
	readonly device: string;
}

/** The channels beside simple-peer's own; negotiated, so that no renegotiation is needed. */
export type LinkChannel = 'control' | 'sync';

/** What the link has measured of its own connection when the handshake is made. */
export interface LinkTranscript {
	/** From who made the SDP offer that was used in the end. */
	readonly role: 'offerer' | 'answerer';
	/** DTLS fingerprints, as in `a=fingerprint:` (algorithm and hex, lower case). */
	readonly ownFingerprint: string;
	readonly peerFingerprint: string;
}

/** One run of the peer handshake; made anew for each link. */
export interface Handshake {
	/** First message, sent when the control channel opens. */
	hello(): Uint8Array;
	/** Answer to the peer's hello. */
	prove(peerHello: Uint8Array, transcript: LinkTranscript): Promise<Result<Uint8Array, string>>;
	/** Checks the peer's proof. May be called only after `prove`. */
	verify(peerProof: Uint8Array): Promise<Result<LinkPeer, string>>;
}

/** An authenticated link, as given to its owner. */
export interface Link {
	/** Unique within this page. */
	readonly id: number;
	readonly peer: LinkPeer;
	/**
	 * Queues a message of 1 byte to 8 MiB (control: under 64 KiB); framed and paced by the link. False if it was not
	 * queued: the link is closed, or 32 MiB wait on this channel already. Throws RangeError for any other length.
	 */
	send(channel: LinkChannel, message: Uint8Array): boolean;
	/** Bytes queued here and in the browser's send buffer, all channels. */
	readonly queuedBytes: number;
	readonly sentBytes: number;
	readonly receivedBytes: number;
	/** With `pauseMs` the same peer cannot come back for that long. */
	close(reason: string, pauseMs?: number): void;
}

export interface LinkOwner {
	newHandshake(): Handshake;
	/** The handshake went well; from now on frames flow. */
	onOpen(link: Link): void;
	/** In order of arrival; the next message of the same channel waits until the promise has settled. */
	onMessage(link: Link, channel: LinkChannel, message: Uint8Array): Promise<void>;
	/**
	 * A frame for the document on simple-peer's own channel (y-webrtc's wire format). Returns what Yjs may see,
	 * in order: nothing, the frame itself, or re-encoded frames. Awaited, so order holds.
	 */
	guardInbound(link: Link, frame: Uint8Array): Promise<readonly Uint8Array[]>;
	/**
	 * A frame that y-webrtc wants to send: nothing (presence), itself, or split in parts of at most 8 MiB. Asked
	 * once for each link. y-webrtc sends every update to all peers, the one it came from included: what `link` has
	 * already is best left out here.
	 */
	guardOutbound(frame: Uint8Array, link: Link): readonly Uint8Array[];
	/** After onOpen only. */
	onClose(link: Link, reason: string): void;
	/** A refusal worth counting: failed handshake, oversized or malformed frame, watchdog. */
	onViolation(reason: string, peer: LinkPeer | null): void;
}
