import { describe, expect, it } from 'vitest';
import type { LinkOwner, LinkTranscript } from '../../../src/lib/link/contract';
import { encodeControlMessage } from '../../../src/lib/link/control-message';
import { frameAt } from '../../../src/lib/link/frame';
import { defaultLinkTiming } from '../../../src/lib/link/limits';
import { createLinkClass } from '../../../src/lib/link/link-class';
import { ok } from '../../../src/lib/protocol/result';
import { ManualTimers } from './manual-timers';

const hex = (byte: string): string => Array.from({ length: 32 }, () => byte).join(':');
const sdpWith = (byte: string): string =>
	['v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', `a=fingerprint:sha-256 ${hex(byte)}`].join(
		'\r\n'
	);
const offer = { type: 'offer', sdp: sdpWith('AA') } as const;
const answer = { type: 'answer', sdp: sdpWith('BB') } as const;

/** A data channel as far as a link uses it. */
class FakeChannel extends EventTarget {
	readyState = 'open';
	bufferedAmount = 0;
	readonly sent: Uint8Array[] = [];
	onopen: (() => void) | null = null;
	onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
	send(bytes: Uint8Array): void {
		this.sent.push(bytes.slice());
	}
	close(): void {
		this.readyState = 'closed';
	}
}

/** A connection whose descriptions show only when the test says so, as a page's main thread shows them late. */
class SlowConnection extends EventTarget {
	static last: SlowConnection;
	readonly channelById = new Map<number, FakeChannel>();
	readonly shows: (() => void)[] = [];
	localDescription: RTCSessionDescriptionInit | null = null;
	remoteDescription: RTCSessionDescriptionInit | null = null;
	signalingState = 'stable';
	iceConnectionState = 'checking';

	constructor() {
		super();
		SlowConnection.last = this;
	}
	createDataChannel(_label: string, { id = 0 }: RTCDataChannelInit): FakeChannel {
		const channel = new FakeChannel();
		this.channelById.set(id, channel);
		return channel;
	}
	async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
		this.localDescription = description;
		this.signalingState = 'have-local-offer';
	}
	setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
		return new Promise((resolve) =>
			this.shows.push(() => {
				this.remoteDescription = description;
				resolve();
			})
		);
	}
	close(): void {
		for (const channel of this.channelById.values()) channel.close();
	}
}

const turns = async (): Promise<void> => {
	for (let i = 0; i < 20; i++) await Promise.resolve();
};

function linkAsOfferer() {
	const seen: LinkTranscript[] = [];
	const violations: string[] = [];
	const owner: LinkOwner = {
		newHandshake: () => ({
			hello: () => new Uint8Array([1]),
			prove: async (_hello, transcript) => {
				seen.push(transcript);
				return ok(new Uint8Array([2]));
			},
			verify: async () => ok({ account: 'a', device: 'd' })
		}),
		onOpen: () => undefined,
		onMessage: async () => undefined,
		guardInbound: async () => [],
		guardOutbound: () => [],
		onClose: () => undefined,
		onViolation: (reason) => violations.push(reason)
	};
	const timers = new ManualTimers();
	const { RTCPeerConnection: LinkConnection } = createLinkClass(owner, {
		RTCPeerConnection: SlowConnection as unknown as typeof RTCPeerConnection,
		timers,
		random: () => 0.5,
		connectionLimit: 1
	});
	const connection = new LinkConnection();
	const slow = SlowConnection.last;
	const control = slow.channelById.get(1);
	if (control === undefined) throw new Error('there is no control channel');
	const hearsHello = (): void => {
		const hello = encodeControlMessage({ kind: 'hello', body: new Uint8Array([9]) });
		control.onmessage?.({ data: frameAt(hello, 0).buffer });
	};
	return { connection, slow, timers, seen, violations, hearsHello };
}

describe('a link', () => {
	it('waits for the description that is being set when the peer is quicker with its hello', async () => {
		const { connection, slow, seen, violations, hearsHello } = linkAsOfferer();
		await connection.setLocalDescription(offer);
		const setting = connection.setRemoteDescription(answer);
		hearsHello();
		await turns();
		expect({ seen, violations }).toEqual({ seen: [], violations: [] });
		for (const show of slow.shows) show();
		await setting;
		await turns();
		expect(violations).toEqual([]);
		const transcript = { ownFingerprint: `sha-256 ${hex('aa')}`, peerFingerprint: `sha-256 ${hex('bb')}` };
		expect(seen).toEqual([{ role: 'offerer', ...transcript }]);
	});

	it('refuses a hello when no description of the peer is known nor being set', async () => {
		const { connection, seen, violations, hearsHello } = linkAsOfferer();
		await connection.setLocalDescription(offer);
		hearsHello();
		await turns();
		expect({ seen, violations }).toEqual({ seen: [], violations: ['description-refused'] });
	});

	it('is given up soon, and nobody blamed, where the browser finds no candidate for it', async () => {
		const { connection, timers, violations } = linkAsOfferer();
		let told = 0;
		connection.addEventListener('iceconnectionstatechange', () => told++);
		await connection.setLocalDescription(offer);
		timers.pass(defaultLinkTiming.gatherMs - 1);
		expect(told).toBe(0);
		timers.pass(1);
		expect({ told, violations, waiting: timers.waiting }).toEqual({ told: 1, violations: [], waiting: 0 });
	});

	it('goes on once there is a candidate', async () => {
		const { connection, slow, timers } = linkAsOfferer();
		let told = 0;
		connection.addEventListener('iceconnectionstatechange', () => told++);
		await connection.setLocalDescription(offer);
		slow.localDescription = { ...offer, sdp: `${offer.sdp}\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host` };
		timers.pass(defaultLinkTiming.gatherMs * 2);
		expect(told).toBe(0);
	});
});
