import { describe, expect, test } from 'vitest';
import { findChromium } from '../../../scripts/chromium';
import { installBrowser, type Machine } from '../../../scripts/install-browser';

/** A machine on which running `works` puts a browser there. @returns it, and what was run on it. */
function machine(
	works: 'apt-get' | 'playwright' | 'nothing',
	mayUseApt: boolean
): Machine & { readonly ran: string[] } {
	const ran: string[] = [];
	let isThere = false;
	return {
		ran,
		mayUseApt,
		isBrowserThere: () => isThere,
		succeeds(command, args) {
			const line = command === 'apt-get' ? `apt-get ${args[0]}` : 'playwright install';
			ran.push(line);
			const succeeded = line.startsWith(works);
			isThere ||= succeeded && line.endsWith('install');
			return succeeded;
		}
	};
}

describe('a missing browser', () => {
	test('comes by apt where that may be used', () => {
		const debian = machine('apt-get', true);
		installBrowser(debian);
		expect(debian.ran).toEqual(['apt-get update', 'apt-get install']);
	});

	test('comes by Playwright where apt fails', () => {
		const ubuntu = machine('playwright', true);
		installBrowser(ubuntu);
		expect(ubuntu.ran).toEqual(['apt-get update', 'playwright install']);
	});

	test('comes by Playwright where there is no apt', () => {
		const laptop = machine('playwright', false);
		installBrowser(laptop);
		expect(laptop.ran).toEqual(['playwright install']);
	});

	test('is said in plain words when nothing helps', () => {
		expect(() => installBrowser(machine('nothing', true))).toThrow(/PW_CHROMIUM/);
	});

	test('is not missing when it is there', () => {
		const succeeds = () => expect.unreachable();
		installBrowser({ mayUseApt: true, isBrowserThere: () => true, succeeds });
	});
});

describe('the browser that is used', () => {
	test('is the one asked for, else the distribution’s, else Playwright’s own', () => {
		expect(findChromium({ PW_CHROMIUM: '/opt/chrome' }, () => true)).toBe('/opt/chrome');
		expect(findChromium({}, (path) => path === '/usr/bin/chromium-browser')).toBe(
			'/usr/bin/chromium-browser'
		);
		expect(findChromium({}, () => false)).toBeUndefined();
	});
});
