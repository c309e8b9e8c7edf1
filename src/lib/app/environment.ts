/** What Skein cannot do without, asked of this browser before anything is stored. */
import { version } from '$app/environment';

export const appVersion = version;

/** @returns which interface is missing, or null */
export function missingInterface(): string | null {
	if (!globalThis.isSecureContext || globalThis.crypto?.subtle === undefined)
		return 'a secure context (https)';
	if (globalThis.indexedDB === undefined) return 'IndexedDB';
	if (navigator.locks === undefined) return 'Web Locks';
	return globalThis.RTCPeerConnection === undefined ? 'WebRTC' : null;
}

/** @returns which algorithms are missing, or null. Takes some ms, as keys have to be made for the answer. */
export async function missingAlgorithm(): Promise<string | null> {
	try {
		await Promise.all([
			crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']),
			crypto.subtle.generateKey('X25519', false, ['deriveBits'])
		]);
	} catch (error) {
		return `Ed25519 and X25519 (${String(error)})`;
	}
	return null;
}

/** The time (ms) of the relay that serves this app, as its answers bear it; null if it cannot be reached. */
export async function ownRelayTime(): Promise<number | null> {
	try {
		const { headers } = await fetch('/health', { cache: 'no-store' });
		const timeMs = Date.parse(headers.get('date') ?? '');
		return Number.isNaN(timeMs) ? null : timeMs;
	} catch {
		// It is away, or there is no network: the others' clocks have to do.
		return null;
	}
}

/** Addresses of the relay that serves this app. */
export function ownRelay(location: Location): {
	readonly signalling: string;
	readonly relay: string;
	readonly inbox: string;
} {
	const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
	return {
		signalling: `${scheme}//${location.host}/signal`,
		relay: `${scheme}//${location.host}/doc`,
		inbox: `${location.origin}/inbox`
	};
}
