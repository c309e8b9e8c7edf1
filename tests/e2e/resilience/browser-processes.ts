/** The operating system's processes behind a person's own browser (`keepsProfile` or `args`). */
import type { Person } from '../fixtures';

async function processesOf(
	person: Person
): Promise<readonly { readonly type: string; readonly id: number }[]> {
	const browser = person.context.browser();
	if (browser === null) throw new Error('this browser cannot be asked for its processes');
	const cdp = await browser.newBrowserCDPSession();
	const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
	await cdp.detach();
	return processInfo;
}

/** Asked for before it matters, so that the kill itself comes at once. */
export async function browserPid(person: Person): Promise<number> {
	const main = (await processesOf(person)).find(({ type }) => type === 'browser');
	if (main === undefined) throw new Error('the browser does not name its own process');
	return main.id;
}

/** Those of all pages and workers, and the spare one. */
export async function rendererPids(person: Person): Promise<readonly number[]> {
	const pids = (await processesOf(person)).filter(({ type }) => type === 'renderer').map(({ id }) => id);
	if (pids.length === 0) throw new Error('no renderer to stop');
	return pids;
}

/** Ends the person's browser as a power cut does, and starts it again on the same profile. The page is blank. */
export async function killAndReopen(person: Person, pid: number): Promise<void> {
	const closed = new Promise<void>((resolve) => person.context.once('close', () => resolve()));
	process.kill(pid, 'SIGKILL');
	await closed;
	await person.reopen();
}
