/**
 * A hundred members in one group over the real relay: how soon what one says is in the read model of the 99 others, each
 * a real conversation with its guard, its fold and connections of its own. Beside it, message by message, a hundred
 * clients of stock y-websocket at a stock server, in plaintext: until the observer of each document has it. All clients
 * of both sides share one process, so that most of what is measured is a hundred devices' work on one core; what the
 * servers took is counted apart. The fold of a group of 100 members and 1 000 control entries is timed on its own.
 *
 *     npm run bench -- group-100 [--quick] [--members=100] [--messages=40]
 */
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { RelayProcess } from '../e2e/relay-process';
import { Crowd, withNodeSockets } from '../seed/crowd';
import { foldTimesMs } from '../simulation/authority/fold-time';
import { benchArguments, progress, report } from './rig/report';
import { quantile, rounded } from './rig/statistics';
import { StockProcess } from './stock/stock-process';

const { quick, option } = benchArguments();
const members = Number(option('members') ?? (quick ? 10 : 100));
const messages = Number(option('messages') ?? (quick ? 5 : 40));
const targetLastMs = 2_000;
/** Of the peer's messages; about what an average text is. */
const characters = 60;
/** One machine plays everybody. */
const generousLimits = {
	DOCUMENT_BYTES_PER_SECOND: String(1024 ** 3),
	DOCUMENT_BYTES_BURST: String(1024 ** 3),
	DOCUMENT_MESSAGES_PER_SECOND: '100000',
	DOCUMENT_MESSAGES_BURST: '100000',
	LOG_LEVEL: 'warn'
};

withNodeSockets();
await using relay = await RelayProcess.start({ env: generousLimits });
await using stock = await StockProcess.start();
const stockPid = stock.child.pid;
if (stockPid === undefined) throw new Error('the stock server does not run');

const assembledAt = performance.now();
await using crowd = await Crowd.assemble(members);
progress(`${members} members know each other after ${Math.round(performance.now() - assembledAt)} ms`);
const connectingAt = performance.now();
crowd.connect(relay.url);
await crowd.news.until('everybody is connected', () => crowd.allConnected);
const connectedMs = performance.now() - connectingAt;
progress(`all connected after ${Math.round(connectedMs)} ms`);
const clients = Array.from({ length: members }, () => stockClient(`${stock.socketUrl}`));
await crowd.news.until('all stock clients are connected', () =>
	clients.every(({ provider }) => provider.synced)
);

const ours: number[][] = [];
const peers: number[][] = [];
const cpuMs = { relay: 0, stock: 0 };
// Who speaks first has a lane to begin, on either side.
for (let i = -members; i < messages; i++) {
	const by = (i + members) % members;
	const isWarmUp = i < 0;
	if (isWarmUp && by % Math.max(1, Math.floor(members / 10)) !== 0) continue;
	const sides = i % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
	for (const side of sides) {
		const pid = side === 'ours' ? relay.pid : stockPid;
		const before = cpuMsOf(pid);
		const delays = side === 'ours' ? await sayOurs(by, `message ${i}`) : await sayStock(by, `m${i}`);
		if (isWarmUp) continue;
		(side === 'ours' ? ours : peers).push(delays);
		cpuMs[side === 'ours' ? 'relay' : 'stock'] += cpuMsOf(pid) - before;
	}
	if (i >= 0 && i % 10 === 9) progress(`${i + 1} of ${messages}`);
}

const [oursSaid, peerSaid] = [spread(ours), spread(peers)];
const foldMs = foldTimesMs();
report({
	bench: 'group-100',
	workload: `${members} members on one relay, ${messages} messages by different members, one at a time; all clients in one process`,
	ours: oursSaid.lastMs,
	peer: peerSaid.lastMs,
	peerName: 'y-websocket 3.0.0, plaintext, no checks, observer of the document',
	ratio: rounded(oursSaid.lastMs / peerSaid.lastMs),
	target: `all ${members - 1} others, the last within ${targetLastMs} ms; fold under 50 ms`,
	unit: 'ms from write to the last other member, median over messages',
	oursSaid,
	peerSaid,
	reachedAll: ours.every((delays) => delays.length === members - 1),
	refused: crowd.refusals.length,
	connectedMs: Math.round(connectedMs),
	relay: { cpuMsAMessage: rounded(cpuMs.relay / messages), ...memoryOf(relay.pid) },
	stockServer: { cpuMsAMessage: rounded(cpuMs.stock / messages), ...memoryOf(stockPid) },
	foldMs
});
for (const { provider } of clients) provider.destroy();
const isWell = oursSaid.lastMs <= targetLastMs && foldMs.first < 50 && crowd.refusals.length === 0;
if (!isWell) process.exitCode = 1;

function stockClient(url: string) {
	const doc = new Y.Doc();
	const entries = doc.getMap<string>('messages');
	const arrivedAtMs = new Map<string, number>();
	entries.observe(({ keysChanged }) => {
		const now = performance.now();
		for (const key of keysChanged) if (!arrivedAtMs.has(key)) arrivedAtMs.set(key, now);
		crowd.news.tell();
	});
	const provider = new WebsocketProvider(url, 'crowd', doc, {
		disableBc: true,
		WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket
	});
	provider.on('sync', () => crowd.news.tell());
	return { entries, arrivedAtMs, provider };
}

/** @returns milliseconds until each of the others had it */
async function sayOurs(by: number, text: string): Promise<number[]> {
	const atMs = await crowd.say(by, text);
	await crowd.news.until(`all have "${text}"`, () => crowd.showing(text) === members);
	return crowd.members.flatMap(({ shownAtMs }, i) =>
		i === by ? [] : [(shownAtMs.get(text) ?? Infinity) - atMs]
	);
}

async function sayStock(by: number, key: string): Promise<number[]> {
	const atMs = performance.now();
	clients[by]?.entries.set(key, 'x'.repeat(characters));
	await crowd.news.until(`all have ${key}`, () => clients.every(({ arrivedAtMs }) => arrivedAtMs.has(key)));
	return clients.flatMap(({ arrivedAtMs }, i) =>
		i === by ? [] : [(arrivedAtMs.get(key) ?? Infinity) - atMs]
	);
}

/** p50 and p95 over all members and messages; the last member's, as the median over messages. */
function spread(delays: readonly (readonly number[])[]) {
	const all = delays.flat();
	return {
		p50Ms: rounded(quantile(all, 0.5)),
		p95Ms: rounded(quantile(all, 0.95)),
		lastMs: rounded(
			quantile(
				delays.map((each) => Math.max(...each)),
				0.5
			)
		),
		worstMs: rounded(Math.max(...all))
	};
}

/** Processor time, user and system, of all threads (proc(5): fields 14 and 15 of stat, in hundredths of a second). */
function cpuMsOf(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryOf(pid: number): { readonly memoryMb: number; readonly peakMemoryMb: number } {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const kb = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
	return { memoryMb: Math.round(kb('VmRSS') / 1024), peakMemoryMb: Math.round(kb('VmHWM') / 1024) };
}
