/**
 * Makes sure that there is a Chromium for the end-to-end tests: the one that is there; else the distribution's, where
 * there is apt and we may use it; else Playwright's own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { findChromium } from './chromium';

/** What the decision rests on; passed in so that each way can be tried without a machine that lacks a browser. */
export interface Machine {
	isBrowserThere(): boolean;
	/** True where there is apt and we are root. */
	readonly mayUseApt: boolean;
	/** Runs a command to its end. @returns whether it succeeded. */
	succeeds(command: string, args: readonly string[]): boolean;
}

/** @throws if a browser is missing and cannot be installed. */
export function installBrowser(machine: Machine = thisMachine()): void {
	if (machine.isBrowserThere()) return;
	const attempts = machine.mayUseApt ? [installByApt, installByPlaywright] : [installByPlaywright];
	for (const attempt of attempts) if (attempt(machine) && machine.isBrowserThere()) return;
	throw new Error(
		'There is no Chromium and it could not be installed: install one and set PW_CHROMIUM to its path.'
	);
}

function installByApt({ succeeds }: Machine): boolean {
	// The font: without it an emoji in a message is an empty box, in screenshots too.
	const packages = ['chromium', 'fonts-noto-color-emoji'];
	return (
		succeeds('apt-get', ['update', '-q']) &&
		succeeds('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages])
	);
}

function installByPlaywright({ mayUseApt, succeeds }: Machine): boolean {
	const cli = fileURLToPath(new URL('../node_modules/@playwright/test/cli.js', import.meta.url));
	const withSystemLibraries = mayUseApt ? ['--with-deps'] : [];
	return succeeds(process.execPath, [cli, 'install', ...withSystemLibraries, 'chromium']);
}

function thisMachine(): Machine {
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	return {
		isBrowserThere: () => findChromium() !== undefined || existsSync(chromium.executablePath()),
		mayUseApt: process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'),
		succeeds(command, args) {
			process.stderr.write(`Installing Chromium: ${command} ${args.join(' ')}\n`);
			return spawnSync(command, args, { stdio: ['ignore', 2, 2], env }).status === 0;
		}
	};
}
