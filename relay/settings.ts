/**
 * Every setting of the relay: from its flag, else from the environment, else the default. One table gives the types,
 * the checks and the text of `--help`.
 */
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '../src/lib/protocol/result';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

interface Definition<T extends string | number | boolean> {
	readonly env: string;
	readonly value: T;
	/** Smallest number allowed; 1 if not said. */
	readonly least?: number;
	readonly about: string;
}

const define = <T extends string | number | boolean>(
	env: string,
	value: T,
	about: string,
	least = 1
): Definition<T> => ({
	env,
	value,
	about,
	least
});

const definitions = {
	port: define<number>('PORT', 4400, 'TCP port; 0 takes any that is free', 0),
	host: define<string>('HOST', '', 'address to listen on; empty means all'),
	dataDir: define<string>('DATA_DIR', './data', 'folder of the database; one relay process a folder'),
	appDir: define<string>('APP_DIR', './build', 'folder of the built app, served at /'),
	logLevel: define<string>('LOG_LEVEL', 'info', 'trace, debug, info, warn, error, fatal or silent'),
	trustProxy: define<boolean>(
		'TRUST_PROXY',
		false,
		'take addresses from X-Forwarded-For, set by a proxy of yours'
	),
	socketsPerAddress: define<number>(
		'SOCKETS_PER_ADDRESS',
		256,
		'WebSockets of one address (IPv6: of one /64)'
	),
	socketsTotal: define<number>('SOCKETS_TOTAL', 20_000, 'WebSockets in all'),
	pingSeconds: define<number>('PING_SECONDS', 30, 'between two pings on a WebSocket'),
	idleSeconds: define<number>('IDLE_SECONDS', 90, 'of silence after which a WebSocket is closed (4508)'),
	slowSocketBytes: define<number>(
		'SLOW_SOCKET_BYTES',
		mebibyte,
		'buffered for a socket: beyond, no fan-out to it'
	),
	stuckSocketBytes: define<number>(
		'STUCK_SOCKET_BYTES',
		8 * mebibyte,
		'buffered for a socket: beyond, it is closed (1013)'
	),
	signalFrameBytes: define<number>('SIGNAL_FRAME_BYTES', 64 * kibibyte, 'largest signalling message'),
	signalTopics: define<number>('SIGNAL_TOPICS', 1024, 'topics of one signalling socket'),
	signalTopicLength: define<number>('SIGNAL_TOPIC_LENGTH', 256, 'characters of a topic'),
	signalMessagesPerSecond: define<number>(
		'SIGNAL_MESSAGES_PER_SECOND',
		100,
		'signalling messages a socket, lasting'
	),
	signalMessagesBurst: define<number>('SIGNAL_MESSAGES_BURST', 2000, 'signalling messages a socket, at once'),
	signalBytesPerSecond: define<number>(
		'SIGNAL_BYTES_PER_SECOND',
		256 * kibibyte,
		'signalling bytes a socket, lasting'
	),
	signalBytesBurst: define<number>('SIGNAL_BYTES_BURST', 4 * mebibyte, 'signalling bytes a socket, at once'),
	documentFrameBytes: define<number>(
		'DOCUMENT_FRAME_BYTES',
		8 * mebibyte,
		'largest update of a document socket'
	),
	documentMessagesPerSecond: define<number>(
		'DOCUMENT_MESSAGES_PER_SECOND',
		200,
		'document frames a socket, lasting'
	),
	documentMessagesBurst: define<number>('DOCUMENT_MESSAGES_BURST', 4000, 'document frames a socket, at once'),
	documentBytesPerSecond: define<number>(
		'DOCUMENT_BYTES_PER_SECOND',
		2 * mebibyte,
		'document bytes a socket, lasting'
	),
	documentBytesBurst: define<number>(
		'DOCUMENT_BYTES_BURST',
		16 * mebibyte,
		'document bytes a socket, at once'
	),
	documentLeaseDays: define<number>(
		'DOCUMENT_LEASE_DAYS',
		30,
		'that an ended key of a document may read at most, whatever its members say',
		0
	),
	documentEndedKeys: define<number>(
		'DOCUMENT_ENDED_KEYS',
		16,
		'ended keys of one document that may still read',
		0
	),
	ticketSeconds: define<number>('TICKET_SECONDS', 10, 'to open a document once connected (4510)'),
	ticketHosts: define<string>(
		'TICKET_HOSTS',
		'',
		'names of this relay, host or host:port, with commas; what is signed for others is refused. Empty takes all'
	),
	inboxBlobBytes: define<number>(
		'INBOX_BLOB_BYTES',
		16 * kibibyte,
		'of one item in an inbox; not above 16384'
	),
	inboxItems: define<number>('INBOX_ITEMS', 64, 'items in one inbox; not above 64'),
	inboxBytes: define<number>('INBOX_BYTES', 512 * kibibyte, 'bytes of all items in one inbox'),
	inboxItemsPerSender: define<number>('INBOX_ITEMS_PER_SENDER', 16, 'items of one address in one inbox'),
	inboxTotalBytes: define<number>('INBOX_TOTAL_BYTES', 1024 * mebibyte, 'bytes of all inboxes together'),
	inboxPostsPerHour: define<number>('INBOX_POSTS_PER_HOUR', 120, 'items that one address may leave, lasting'),
	inboxPostsBurst: define<number>('INBOX_POSTS_BURST', 60, 'items that one address may leave, at once'),
	inboxRequestsPerMinute: define<number>(
		'INBOX_REQUESTS_PER_MINUTE',
		600,
		'requests of owners from one address, lasting and at once'
	),
	inboxRequestsPerAddress: define<number>(
		'INBOX_REQUESTS_PER_ADDRESS',
		256,
		'inbox requests of one address under way, those that wait for news included'
	),
	documentLanes: define<number>(
		'DOCUMENT_LANES',
		4096,
		'lanes of one document; its state vector has to fit in 64 KiB'
	),
	documentEntries: define<number>('DOCUMENT_ENTRIES', 100_000, 'entries of one document'),
	documentBytes: define<number>('DOCUMENT_BYTES', 64 * mebibyte, 'bytes of one document'),
	totalBytes: define<number>('TOTAL_BYTES', 16 * 1024 * mebibyte, 'bytes of all documents together')
};

type Definitions = typeof definitions;
export type RelaySettings = {
	readonly [Name in keyof Definitions]: Definitions[Name] extends Definition<infer T> ? T : never;
};

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function readValue(
	text: string,
	definition: Definition<string | number | boolean>
): string | number | boolean | null {
	if (typeof definition.value === 'string') return text;
	if (typeof definition.value === 'boolean') {
		return ['1', 'true', 'yes', 'on'].includes(text)
			? true
			: ['0', 'false', 'no', 'off', ''].includes(text)
				? false
				: null;
	}
	const value = Number(text);
	return /^\d+$/.test(text) && Number.isSafeInteger(value) && value >= (definition.least ?? 1) ? value : null;
}

/** The defaults, with some of them replaced. For tests and programs that embed the relay. */
export function relaySettings(changes: Partial<RelaySettings> = {}): RelaySettings {
	const defaults = Object.fromEntries(Object.entries(definitions).map(([name, { value }]) => [name, value]));
	return { ...defaults, ...changes } as RelaySettings;
}

/**
 * @param args without the program's own name
 * @returns the settings, 'help' if it was asked for, or a sentence on what is wrong with them
 */
export function readSettings(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>
): Result<RelaySettings | 'help', string> {
	const names = Object.keys(definitions) as (keyof Definitions)[];
	const options = Object.fromEntries(names.map((name) => [flagOf(name), { type: 'string' as const }]));
	let flags: Readonly<Record<string, unknown>>;
	try {
		flags = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } }).values;
	} catch (error) {
		return fail(error instanceof Error ? error.message : String(error));
	}
	if (flags['help'] === true) return ok('help');
	const values: Record<string, string | number | boolean> = {};
	for (const name of names) {
		const definition = definitions[name];
		const text = flags[flagOf(name)] ?? env[definition.env];
		if (typeof text !== 'string') continue;
		const value = readValue(text, definition);
		if (value === null)
			return fail(`--${flagOf(name)} (${definition.env}) cannot be "${text}": ${definition.about}`);
		values[name] = value;
	}
	return ok(relaySettings(values as Partial<RelaySettings>));
}

/** The text of `--help`. */
export function settingsHelp(): string {
	const rows = Object.entries(definitions).map(([name, { env, value, about }]) => {
		const names = `  --${flagOf(name)}`.padEnd(34) + env.padEnd(30);
		return `${names}${about} (${value === '' ? 'empty' : String(value)})`;
	});
	return [
		'The Skein relay: serves the app, introduces peers, keeps documents that it cannot read.',
		'',
		'  flag'.padEnd(34) + 'environment'.padEnd(30) + 'meaning (default)',
		...rows,
		''
	].join('\n');
}
