/**
 * With which keys a segment is opened at a relay, and what is said of older ones when a newer one takes their place: the
 * table of docs/decisions/0014, read off the state of the conversation.
 */
import type { Conversation } from '../../conversation/conversation';
import { controlSegment } from '../../protocol/ids';
import { readerLanesLimit, type Rotation } from '../../protocol/ticket';
import type { SegmentKeys } from './document-tickets';

type Terms = Pick<Rotation, 'readUntilSeconds' | 'readerLanes'>;

export function segmentKeysOf(conversation: Conversation, segment: number): SegmentKeys {
	const accessSecrets = (): readonly Uint8Array[] => conversation.keys.accessSecrets;
	// Who has caught up with the control segment has the keys of the others.
	if (segment !== controlSegment) return { accessSecrets };
	return {
		accessSecrets,
		terms: () => controlTerms(conversation),
		ownLane: () => conversation.ownLaneKeys(controlSegment)
	};
}

/**
 * Who comes by a link of an older epoch reads the control segment with its key as long as the invitation lasts; a
 * removal closes all of them, and so ends this at once. Members who were away read with their own lanes.
 */
function controlTerms({ authority, keys }: Conversation): Terms {
	const current = keys.current?.id;
	let untilMs = 0;
	for (const { under, isOpen, expiresAtMs } of keys.graph.facts.invites.values())
		if (isOpen && under !== current) untilMs = Math.max(untilMs, expiresAtMs);
	const lanes = [...authority.controlLaneByNumber].flatMap(([lane, { device, account }]) =>
		authority.devices.get(device)?.account === account ? [lane] : []
	);
	return { readUntilSeconds: Math.ceil(untilMs / 1000), readerLanes: lanes.slice(0, readerLanesLimit) };
}
