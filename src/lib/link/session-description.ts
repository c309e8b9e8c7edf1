/**
 * What a peer's session description may contain. Ours carry data channels only, so anything else in one is
 * refused before the browser acts on it: a media section would start receivers and decoders for a peer that has
 * not proven who it is.
 */
import { fail, ok, type Result } from '../protocol/result';
import { descriptionLimitChars } from './limits';

const fingerprintPattern = /^a=fingerprint:(sha-256 [0-9a-f]{2}(?::[0-9a-f]{2}){31})$/;

/** Gives the DTLS fingerprint of a description that is fit for a link: `sha-256 ab:cd:…`, lower case. */
export function descriptionFingerprint(sdp: string | undefined): Result<string, 'description-refused'> {
	if (sdp === undefined || sdp.length > descriptionLimitChars) return fail('description-refused');
	const lines = sdp.split(/\r\n|\r|\n/);
	const sections = lines.filter((line) => line.startsWith('m='));
	if (sections.length !== 1 || !sections[0]?.startsWith('m=application ')) return fail('description-refused');

	// All lines have to name the same certificate: with two, which one the handshake binds would be a guess.
	const fingerprints = new Set<string | undefined>();
	for (const line of lines) {
		if (!/^a=fingerprint:/i.test(line)) continue;
		fingerprints.add(fingerprintPattern.exec(line.toLowerCase())?.[1]);
	}
	const [fingerprint] = fingerprints;
	if (fingerprints.size !== 1 || fingerprint === undefined) return fail('description-refused');
	return ok(fingerprint);
}
