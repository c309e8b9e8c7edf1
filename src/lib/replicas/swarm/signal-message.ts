/**
 * What members of a room say to each other while they set up a connection: y-webrtc's messages, as they are once they
 * are unsealed. Whoever has the room's password can say anything, so they are read strictly; what is none of these is
 * nothing to us.
 */

/** A session description, with the candidates that were known when it was said. */
export interface Description {
	readonly type: 'offer' | 'answer';
	readonly sdp: string;
}

export interface CandidateSignal {
	readonly type: 'candidate';
	readonly candidate: RTCIceCandidateInit & { readonly candidate: string };
}

export type Signal = Description | CandidateSignal;

export interface Announcement {
	readonly type: 'announce';
	/** y-webrtc's name for one visit of one page to the room. */
	readonly from: string;
	/** To whom `from` has an open link; y-webrtc's own announcements do not say. */
	readonly linked?: readonly string[];
}

export interface DirectedSignal {
	readonly type: 'signal';
	readonly from: string;
	readonly to: string;
	/** Grows with all that `from` offers or answers; of two sides' offers the one with the greater token wins. */
	readonly token: number;
	readonly signal: Signal;
	/** Identity of the offer that this answers; y-webrtc itself does not say. */
	readonly answers?: string;
}

export type SignalMessage = Announcement | DirectedSignal;

/** @returns null for anything that is not a message of y-webrtc's that we have a use for */
export function readSignalMessage(message: unknown): SignalMessage | null {
	if (!isRecord(message) || typeof message.from !== 'string') return null;
	const { type, from } = message;
	if (type === 'announce') {
		const { linked } = message;
		const known = Array.isArray(linked) && linked.every((id) => typeof id === 'string');
		return known ? { type, from, linked } : { type, from };
	}
	if (type !== 'signal' || typeof message.to !== 'string' || typeof message.token !== 'number') return null;
	const { to, token, answers } = message;
	const signal = readSignal(message.signal);
	if (signal === null) return null;
	return typeof answers === 'string'
		? { type, from, to, token, signal, answers }
		: { type, from, to, token, signal };
}

/**
 * What tells one description from another: the name and password of its ICE session. The same description said again
 * has them too, whatever candidates were found meanwhile. Null if there are none.
 */
export function descriptionIdentity({ sdp }: Description): string | null {
	const name = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
	const password = /^a=ice-pwd:(\S+)/m.exec(sdp)?.[1];
	return name === undefined || password === undefined ? null : `${name} ${password}`;
}

/** The candidates in a description, each as it would have come by itself. */
export function candidatesOf({ sdp }: Description): CandidateSignal[] {
	const sdpMid = /^a=mid:(\S+)/m.exec(sdp)?.[1] ?? '0';
	const usernameFragment = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? null;
	return Array.from(sdp.matchAll(/^a=(candidate:[^\r\n]+)/gm), ([, candidate = '']) => ({
		type: 'candidate',
		candidate: { candidate, sdpMid, sdpMLineIndex: 0, usernameFragment }
	}));
}

/** @returns null for what simple-peer says besides descriptions and candidates: there is nothing to renegotiate */
export function readSignal(signal: unknown): Signal | null {
	if (!isRecord(signal)) return null;
	const { type, sdp, candidate } = signal;
	if (type === 'offer' || type === 'answer') return typeof sdp === 'string' ? { type, sdp } : null;
	if (type !== 'candidate' || !isRecord(candidate) || typeof candidate.candidate !== 'string') return null;
	const { sdpMid, sdpMLineIndex } = candidate;
	return {
		type,
		candidate: {
			candidate: candidate.candidate,
			sdpMid: typeof sdpMid === 'string' ? sdpMid : null,
			sdpMLineIndex: typeof sdpMLineIndex === 'number' ? sdpMLineIndex : null
		}
	};
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}
