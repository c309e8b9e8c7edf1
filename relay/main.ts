/** `npm run relay`: one process that is a whole installation. Settings: `npm run relay -- --help`. */
import { join } from 'node:path';
import { systemClock } from './clock';
import { LmdbInboxStorage } from './lmdb-inbox-storage';
import { LmdbStorage } from './lmdb-storage';
import { createLog } from './log';
import { createMetrics } from './metrics';
import { startRelay, type Relay } from './server';
import { readSettings, settingsHelp, type RelaySettings } from './settings';

/** Sockets are given 2 s of it; the rest is for a disk that is busy. */
const closingLimitMs = 10_000;

const settings = readSettings(process.argv.slice(2), process.env);
if (!settings.ok) {
	process.stderr.write(`${settings.reason}\n`);
	process.exit(2);
}
if (settings.value === 'help') {
	process.stdout.write(settingsHelp());
	process.exit(0);
}

const log = createLog(settings.value.logLevel);
const relay = await start(settings.value).catch((error: unknown) => {
	log.fatal({ err: error }, 'the relay cannot start');
	process.exit(1);
});
process.stdout.write(`Skein relay listens on ${relay.url}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => {
		log.info({ signal }, 'closing');
		// What has been acknowledged is on the disk; nothing is lost by not waiting for ever for the rest.
		systemClock.after(closingLimitMs, () => {
			log.fatal('closing takes too long');
			process.exit(1);
		});
		relay.close().then(
			() => process.exit(0),
			(error: unknown) => {
				log.fatal({ err: error }, 'closing failed');
				process.exit(1);
			}
		);
	});
}

/** Rejects if the folder of the database or the port cannot be had. */
async function start(settings: RelaySettings): Promise<Relay> {
	return startRelay(settings, {
		storage: new LmdbStorage(settings.dataDir),
		inboxes: new LmdbInboxStorage(join(settings.dataDir, 'inboxes')),
		metrics: createMetrics(true),
		log,
		clock: systemClock,
		crypto: globalThis.crypto
	});
}
