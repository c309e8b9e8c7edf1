/**
 * Makes sure that there is a Chromium for the end-to-end tests: the one that is there; else the distribution's, where
 * there is apt and we may use it; else Playwright's own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { findChromium } from './chromium';

/** @throws if a browser is missing and cannot be installed; what was tried is in the message. */
export function installBrowser(): void {
	if (findChromium() !== undefined || existsSync(chromium.executablePath())) return;
	const attempts = mayUseApt() ? [installByApt, installByPlaywright] : [installByPlaywright];
	for (const attempt of attempts) if (attempt()) return;
	throw new Error(
		'There is no Chromium and it could not be installed: install one and set PW_CHROMIUM to its path.'
	);
}

function mayUseApt(): boolean {
	return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

function installByApt(): boolean {
	process.stderr.write('Installing Chromium with apt…\n');
	// The font: without it an emoji in a message is an empty box, in screenshots too.
	const packages = ['chromium', 'fonts-noto-color-emoji'];
	return (
		succeeds('apt-get', ['update', '-q']) &&
		succeeds('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]) &&
		findChromium() !== undefined
	);
}

function installByPlaywright(): boolean {
	process.stderr.write('Installing Chromium with Playwright…\n');
	const cli = fileURLToPath(new URL('../node_modules/@playwright/test/cli.js', import.meta.url));
	const withSystemLibraries = mayUseApt() ? ['--with-deps'] : [];
	return succeeds(process.execPath, [cli, 'install', ...withSystemLibraries, 'chromium']);
}

function succeeds(command: string, args: readonly string[]): boolean {
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	return spawnSync(command, args, { stdio: ['ignore', 2, 2], env }).status === 0;
}
