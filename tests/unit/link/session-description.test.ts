import { describe, expect, it } from 'vitest';
import { descriptionFingerprint } from '../../../src/lib/link/session-description';

const hex = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0').toUpperCase()).join(
	':'
);
const head = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0'];
const application = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:0'];
const sdpOf = (...lines: string[]): string => `${lines.join('\r\n')}\r\n`;

describe('session description', () => {
	it('gives its fingerprint in lower case', () => {
		const sdp = sdpOf(...head, ...application, `a=fingerprint:sha-256 ${hex}`);
		expect(descriptionFingerprint(sdp)).toEqual({ ok: true, value: `sha-256 ${hex.toLowerCase()}` });
	});

	it('may say the same fingerprint twice', () => {
		const sdp = sdpOf(
			...head,
			`a=fingerprint:SHA-256 ${hex}`,
			...application,
			`a=fingerprint:sha-256 ${hex}`
		);
		expect(descriptionFingerprint(sdp).ok).toBe(true);
	});

	const print = `a=fingerprint:sha-256 ${hex}`;
	it.each([
		['is missing', undefined],
		['is too long', sdpOf(...head, ...application, print, 'a=x'.repeat(6_000))],
		['has no fingerprint', sdpOf(...head, ...application)],
		['has two fingerprints', sdpOf(...head, ...application, print, print.replace('00:', 'FF:'))],
		['has a weaker hash', sdpOf(...head, ...application, print.replace('256', '1'))],
		['has a second hash beside the first', sdpOf(...head, ...application, print, 'a=fingerprint:sha-1 AA')],
		['has a media section', sdpOf(...head, ...application, print, 'm=audio 9 UDP/TLS/RTP/SAVPF 111')],
		[
			'has a media section behind a bare line feed',
			sdpOf(...head, ...application, `${print}\nm=video 9 X 96`)
		],
		['has two data sections', sdpOf(...head, ...application, ...application, print)],
		['has media alone', sdpOf(...head, 'm=video 9 UDP/TLS/RTP/SAVPF 96', print)]
	])('is refused if it %s', (_, sdp) => {
		expect(descriptionFingerprint(sdp)).toEqual({ ok: false, reason: 'description-refused' });
	});
});
