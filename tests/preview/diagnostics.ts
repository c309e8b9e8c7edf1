import type { DiagnosticsReport } from '../../src/lib/app/contract';
import type { PreviewConversation } from './fixtures';

/** What a device might say of itself. */
export const diagnosticsOf = (conversations: readonly PreviewConversation[]): DiagnosticsReport => ({
	version: '0.1.0-preview',
	account: 'qL7v0pQ3hZr1mO9sXb2cVd',
	device: 'w8Jk2LmN5tYu7iOp',
	storage: {
		usedBytes: 48_300_000,
		quotaBytes: 10_700_000_000,
		persisted: false,
		readModel: 'opfs, schema 3',
		messages: 5_164
	},
	conversations: conversations.slice(0, 2).map(({ id, name }) => ({
		id,
		name,
		hot: true,
		relay: 'connected',
		quarantinedLanes: 0,
		forks: 0,
		waiting: 1,
		segments: [{ segment: 0, entries: 5_017, lanes: 4, inMemory: true }],
		peers: [
			{
				name: 'Tomás Ibarra',
				account: 'acc-tomas',
				state: 'open',
				sentBytes: 120_400,
				receivedBytes: 2_400_000
			}
		]
	})),
	rejections: [
		{ reason: 'entry-signature-wrong', count: 3 },
		{ reason: 'entry-too-large', count: 1 }
	],
	recentEvents: [
		{ atMs: Date.now() - 4_000, text: 'swarm: link to acc-tomas open after 212 ms' },
		{ atMs: Date.now() - 9_000, text: 'relay: connected' }
	]
});
