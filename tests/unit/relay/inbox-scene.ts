/** A relay with one owner's inbox, over real HTTP and a real disk. */
import { expect } from 'vitest';
import type { Relay } from '../../../relay/server';
import { fromBase64url, toBase64url } from '../../../src/lib/protocol/base64url';
import type { SigningKeys } from '../../../src/lib/protocol/crypto';
import { inboxNonceHeader } from '../../../src/lib/protocol/inbox';
import { leaveInInbox, OwnInbox, type InboxDeps } from '../../../src/lib/replicas/inbox';
import { must } from '../../must';
import { crypto } from './lane-writer';
import { ManualClock } from './manual-clock';
import { newFolder, startTestRelay } from './test-relay';

const { subtle } = crypto;
export const daySeconds = 24 * 60 * 60;

/** @param address whose requests these are, as a proxy says */
export const depsAt = (relay: Pick<Relay, 'url'>, address = '10.0.0.1'): InboxDeps => ({
	subtle,
	url: `${relay.url}/inbox`,
	fetch: (input, init) =>
		fetch(input, { ...init, headers: { ...(init?.headers as object), 'x-forwarded-for': address } })
});

export interface Scene {
	readonly relay: Relay;
	readonly clock: ManualClock;
	readonly folder: string;
	readonly owner: SigningKeys;
	readonly inbox: OwnInbox;
	readonly leave: (blob: Uint8Array, seconds?: number, address?: string) => ReturnType<typeof leaveInInbox>;
}

export async function scene(settings = {}): Promise<Scene> {
	const clock = new ManualClock();
	const folder = newFolder();
	const relay = await startTestRelay({ settings: { trustProxy: true, ...settings }, clock, folder });
	const owner = await crypto.generateSigningKeys();
	const inbox = new OwnInbox(depsAt(relay, '10.9.9.9'), owner);
	const leave: Scene['leave'] = (blob, seconds = daySeconds, address = '10.0.0.1') =>
		leaveInInbox(depsAt(relay, address), inbox.topic, blob, seconds);
	return { relay, clock, folder, owner, inbox, leave };
}

export const blobOf = (length = 200): Uint8Array<ArrayBuffer> => crypto.randomBytes(length);
export const idsIn = async (inbox: OwnInbox): Promise<string[]> =>
	must(await inbox.list()).items.map(({ id }) => toBase64url(id));

export async function freshNonce(address: string): Promise<Uint8Array> {
	const response = await fetch(address);
	expect(response.status).toBe(401);
	return must(fromBase64url(response.headers.get(inboxNonceHeader) ?? ''));
}
