import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLog, createRedactor } from '../../../relay/log';
import { readSettings, relaySettings, settingsHelp } from '../../../relay/settings';

describe('settings', () => {
	it('come from flags, then the environment, then defaults', () => {
		const read = readSettings(['--port', '5000', '--trust-proxy=yes'], {
			PORT: '6000',
			DATA_DIR: '/srv/skein'
		});
		expect(read).toEqual({
			ok: true,
			value: relaySettings({ port: 5000, trustProxy: true, dataDir: '/srv/skein' })
		});
	});

	it.each([
		['--port', 'x'],
		['--port', '-1'],
		['--port', '1.5'],
		['--document-bytes', '0'],
		['--trust-proxy', 'maybe'],
		['--unknown', '1']
	])('refuse %s %s with a sentence', (flag, value) => {
		const read = readSettings([`${flag}=${value}`], {});
		expect(read.ok).toBe(false);
		expect(read.ok ? '' : read.reason).toContain(flag);
	});

	it('are all in the help', () => {
		expect(readSettings(['--help'], {})).toEqual({ ok: true, value: 'help' });
		const help = settingsHelp();
		for (const name of Object.keys(relaySettings())) {
			expect(help).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} `);
		}
	});
});

describe('the log', () => {
	it('names things the same within a run and differently in the next', () => {
		const [run, next] = [createRedactor(Uint8Array.of(1)), createRedactor(Uint8Array.of(2))];
		expect(run('10.0.0.1')).toBe(run('10.0.0.1'));
		expect(run('10.0.0.1')).not.toBe(run('10.0.0.2'));
		expect(run('10.0.0.1')).not.toBe(next('10.0.0.1'));
		expect(run('10.0.0.1')).toMatch(/^[0-9a-f]{10}$/);
	});

	it('is JSON lines', () => {
		const stream = new PassThrough();
		createLog('info', stream).info({ code: 4400 }, 'closing socket');
		expect(JSON.parse(String(stream.read()))).toMatchObject({ code: 4400, msg: 'closing socket' });
	});
});
