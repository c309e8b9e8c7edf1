/**
 * Where the browser is: `PW_CHROMIUM`, else the distribution's Chromium, else Playwright's own (undefined).
 * Shared by the Playwright configuration, the test command and the scripts that draw pictures.
 */
import { existsSync } from 'node:fs';

const distributionPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** @returns the path of an installed Chromium, or undefined if Playwright has to use the one it downloads. */
export function findChromium(
	environment: Readonly<Record<string, string | undefined>> = process.env,
	exists: (path: string) => boolean = existsSync
): string | undefined {
	return environment.PW_CHROMIUM || distributionPaths.find(exists);
}

/**
 * Chromium prepares the list under its address bar for every window, in a process of its own that nobody ever sees:
 * a tenth of what a person costs in a test. Our switch replaces the one of Playwright, so what that turns off is here
 * as well; what is gone by another version is ignored.
 */
export const quietBrowser = `--disable-features=${[
	'WebUIOmniboxPopup',
	'WebUIOmniboxAimPopup',
	'AimEnabled',
	'AvoidCorsURLLoaderRestartOnRedirect',
	'AvoidUnnecessaryBeforeUnloadCheckSync',
	'DestroyProfileOnBrowserClose',
	'HttpsFirstBalancedModeAutoEnable',
	'HttpsUpgrades',
	'LensOverlay',
	'MediaRouter',
	'NetworkTimeServiceQuerying',
	'OptimizationHints',
	'PaintHolding',
	'PreconnectToSearch',
	'TcpPortRandomizationWin',
	'ThirdPartyStoragePartitioning'
].join(',')}`;
