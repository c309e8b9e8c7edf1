/** The report of the Diagnostics page: what this device holds, whom it reaches, what it has refused. */
import type { DeviceDatabase } from '$lib/identity/device-database';
import { toBase64url } from '$lib/protocol/base64url';
import { accountIdOf } from '$lib/protocol/ids';
import type { ConversationSummary, Store } from '$lib/store/types';
import type { ConversationDiagnostics, DiagnosticsReport } from './contract';
import type { Engine } from './engine/engine';
import { appVersion } from './environment';
import type { EventLog } from './event-log';
import type { HotConversation } from './hot/hot-conversation';

export interface DiagnosticsSources {
	readonly database: DeviceDatabase;
	readonly store: Store;
	readonly engine: Engine;
	readonly log: EventLog;
	readonly names: readonly ConversationSummary[];
}

export async function diagnose({
	database,
	store,
	engine,
	log,
	names
}: DiagnosticsSources): Promise<DiagnosticsReport> {
	const [estimate, persisted, stats, identity] = await Promise.all([
		navigator.storage.estimate(),
		navigator.storage.persisted(),
		store.stats(),
		database.db.get('identity', 'self')
	]);
	const hotById = new Map(engine.hot.map((hot) => [hot.record.id, hot]));
	return {
		version: appVersion,
		account: identity === undefined ? '' : accountIdOf(identity.certificate.account),
		device: identity === undefined ? '' : toBase64url(identity.certificate.device),
		storage: {
			usedBytes: estimate.usage ?? 0,
			quotaBytes: estimate.quota ?? 0,
			persisted,
			readModel: stats.driver,
			messages: stats.messages
		},
		conversations: names.map(({ id, name }) => describe(id, name, hotById.get(id))),
		rejections: log.rejections,
		recentEvents: log.recent
	};
}

function describe(id: string, name: string, hot: HotConversation | undefined): ConversationDiagnostics {
	if (hot === undefined) {
		return {
			id,
			name,
			hot: false,
			segments: [],
			peers: [],
			relay: 'closed',
			quarantinedLanes: 0,
			forks: 0,
			waiting: 0
		};
	}
	const { conversation } = hot;
	const loaded = new Set(conversation.loadedSegments);
	return {
		id,
		name,
		hot: true,
		segments: conversation.inventory().map(({ segment, entries }) => ({
			segment,
			entries,
			lanes: conversation.lanesOf(segment),
			inMemory: loaded.has(segment)
		})),
		peers: hot.peers.map(({ link }) => ({
			name: conversation.authority.memberByAccount.get(link.peer.account)?.name ?? '',
			account: link.peer.account,
			state: 'linked',
			sentBytes: link.sentBytes,
			receivedBytes: link.receivedBytes
		})),
		relay: hot.relayState,
		quarantinedLanes: conversation.quarantined,
		forks: conversation.forks,
		waiting: conversation.waiting().messages
	};
}
