/** What the relay counts (Prometheus). Labels are reasons and kinds only, never names or addresses. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type SocketKind = 'signal' | 'document';

export interface RelayMetrics {
	readonly registry: Registry;
	readonly sockets: Gauge<'kind'>;
	readonly openDocuments: Gauge;
	readonly storedBytes: Gauge;
	readonly closed: Counter<'kind' | 'code'>;
	readonly refused: Counter<'reason'>;
	readonly signalMessages: Counter<'type'>;
	readonly signalDelivered: Counter;
	readonly signalDropped: Counter<'reason'>;
	readonly tickets: Counter<'mode'>;
	readonly rotations: Counter;
	readonly documentFrames: Counter<'kind'>;
	readonly rejected: Counter<'kind' | 'reason'>;
	readonly entriesStored: Counter;
	readonly entriesErased: Counter;
	readonly entriesSent: Counter<'path'>;
	readonly resyncs: Counter<'reason'>;
	readonly heldBack: Counter<'kind'>;
	readonly commitSeconds: Histogram;
	readonly inboxRequests: Counter<'action' | 'status'>;
	readonly inboxExpired: Counter;
	readonly inboxItems: Gauge;
	readonly inboxBytes: Gauge;
}

/** @param withProcess also memory, CPU and event-loop lag of this process; once a process */
export function createMetrics(withProcess: boolean): RelayMetrics {
	const registry = new Registry();
	if (withProcess) collectDefaultMetrics({ register: registry });
	const registers = [registry];
	const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
		new Counter({ name: `skein_relay_${name}`, help, labelNames: [...labelNames], registers });
	const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
		new Gauge({ name: `skein_relay_${name}`, help, labelNames: [...labelNames], registers });
	return {
		registry,
		sockets: gauge('sockets', 'Open WebSockets', ['kind']),
		openDocuments: gauge('open_documents', 'Documents with at least one socket'),
		storedBytes: gauge('stored_bytes', 'Bytes of entries and frontiers held'),
		closed: counter('closed_total', 'WebSockets closed by the relay', ['kind', 'code']),
		refused: counter('refused_total', 'Connections refused', ['reason']),
		signalMessages: counter('signal_messages_total', 'Signalling messages received', ['type']),
		signalDelivered: counter('signal_delivered_total', 'Signalling messages delivered'),
		signalDropped: counter('signal_dropped_total', 'Signalling messages not delivered', ['reason']),
		tickets: counter('tickets_total', 'Tickets that opened a document', ['mode']),
		rotations: counter('rotations_total', 'Documents given a new key by the holder of the old one'),
		documentFrames: counter('document_frames_total', 'Document frames received', ['kind']),
		rejected: counter('rejected_total', 'Input refused', ['kind', 'reason']),
		entriesStored: counter('entries_stored_total', 'Entries committed to disk'),
		entriesErased: counter('entries_erased_total', 'Entries whose bytes were let go'),
		entriesSent: counter('entries_sent_total', 'Entries sent, live or from disk', ['path']),
		resyncs: counter('resyncs_total', 'Times a socket was sent what it lacks, or asked for what we lack', [
			'reason'
		]),
		heldBack: counter('held_back_total', 'Times a socket was not read for a while', ['kind']),
		inboxRequests: counter('inbox_requests_total', 'Requests to inboxes answered', ['action', 'status']),
		inboxExpired: counter('inbox_expired_total', 'Items dropped from inboxes because their time was over'),
		inboxItems: gauge('inbox_items', 'Items in all inboxes'),
		inboxBytes: gauge('inbox_bytes', 'Bytes of items in all inboxes'),
		commitSeconds: new Histogram({
			name: 'skein_relay_commit_seconds',
			help: 'From handing entries to storage until they are on the disk',
			buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
			registers
		})
	};
}
