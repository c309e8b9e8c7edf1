import type { Relay } from '../../../relay/server';
import { LaneWriter, newSegment, type Segment } from './lane-writer';
import { DocumentClient, updateFrame } from './test-relay';

export interface WrittenDocument {
	readonly segment: Segment;
	readonly writer: LaneWriter;
	/** Of whoever has written it. */
	readonly client: DocumentClient;
}

/** A document of one lane, which the relay says it holds. @param entries how many */
export async function writtenDocument(relay: Relay, entries: number): Promise<WrittenDocument> {
	const segment = await newSegment();
	const writer = await LaneWriter.create(segment);
	const client = await DocumentClient.open(relay, segment);
	await client.synchronise();
	client.socket.send(updateFrame(await writer.write(entries)));
	await client.acknowledged(writer.lane, entries - 1);
	return { segment, writer, client };
}
