/** Conversations in memory on a real relay, whose documents get a new key: who goes on, who stays out. */
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Relay } from '../../../relay/server';
import type { Conversation } from '../../../src/lib/conversation/conversation';
import {
	foundGroup,
	invite,
	joiningIdentity,
	writeFounding,
	writeJoin
} from '../../../src/lib/conversation/founding';
import { HybridClock } from '../../../src/lib/protocol/clock';
import { accountIdOf } from '../../../src/lib/protocol/ids';
import type { SegmentKeys } from '../../../src/lib/replicas/relay/document-tickets';
import { RelayReplica, type RelayReplicaOptions } from '../../../src/lib/replicas/relay/relay-replica';
import { newAuthor, openInMemory, seedCrypto } from '../../seed/seed-author';
import { metric, newFolder, startTestRelay } from '../relay/test-relay';
import { must } from '../../must';

// y-websocket and the guarded socket take the page's; Node 20 has none.
beforeAll(() => void vi.stubGlobal('WebSocket', WebSocket));
afterAll(() => void vi.unstubAllGlobals());

const eventually = (check: () => void | Promise<void>): Promise<void> =>
	vi.waitFor(check, { timeout: 20_000, interval: 10 });
const secret = (): Uint8Array => seedCrypto.randomBytes(32);

interface Member {
	readonly conversation: Conversation;
	readonly replica: RelayReplica;
	/** Access secrets of the epochs that they know, newest first. */
	secrets: readonly Uint8Array[];
}

function connect(
	relay: Relay,
	conversation: Conversation,
	secrets: readonly Uint8Array[],
	{ onChange = () => undefined, ...more }: Partial<SegmentKeys & Pick<RelayReplicaOptions, 'onChange'>> = {}
): Member {
	const member: Member = {
		conversation,
		secrets,
		replica: new RelayReplica({
			conversation,
			url: `${relay.url.replace('http', 'ws')}/doc`,
			longestRetryMs: 200,
			nowMs: () => Date.now(),
			comparedAtMs: new Map(),
			onChange,
			onViolation: (reason) => expect.unreachable(reason),
			keysOf: () => ({ accessSecrets: () => member.secrets, ...more })
		})
	};
	onTestFinished(() => member.replica.close());
	return member;
}

async function group(): Promise<{
	relay: Relay;
	founder: Conversation;
	newcomer: Conversation;
	link: Parameters<typeof writeJoin>[2];
}> {
	const relay = await startTestRelay();
	const clock = new HybridClock(() => Date.now());
	const founding = await foundGroup(seedCrypto, await newAuthor());
	const founder = await openInMemory(founding.identity, clock, [founding.controlLane]);
	must(await writeFounding(founder, founding.genesis, 'Trip', 'Alice'));
	const link = must(await invite(seedCrypto, founder, Date.now()));
	const identity = await joiningIdentity(seedCrypto, await newAuthor(), link);
	return { relay, founder, newcomer: await openInMemory(identity, clock, []), link };
}

const accountOf = ({ identity }: Conversation): string => accountIdOf(identity.certificate.account);

async function alone(newestSegment: number): Promise<Conversation> {
	const clock = new HybridClock(() => Date.now());
	const founding = await foundGroup(seedCrypto, await newAuthor());
	return openInMemory(founding.identity, clock, [founding.controlLane], undefined, newestSegment);
}

describe('the segments of a conversation at a relay', () => {
	it('stay open through a lost connection: an older one is not fetched from its beginning again', async () => {
		const folder = newFolder();
		const relay = await startTestRelay({ folder });
		const conversation = await alone(2);
		const pin = vi.spyOn(conversation, 'pin');
		const pinned = (): number[] => pin.mock.calls.map(([segment]) => segment);
		const onChange = vi.fn();
		const { replica } = connect(relay, conversation, [secret()], { onChange });
		await eventually(() => expect(pinned()).toEqual([0, 2, 1]));
		// Each connects, and is compared to the end.
		await eventually(() => expect(onChange).toHaveBeenCalledTimes(2 * 3));

		onChange.mockClear();
		await relay.close();
		await eventually(() => expect(onChange).toHaveBeenCalledTimes(3));
		replica.arrange();
		await startTestRelay({ folder, settings: { port: Number(new URL(relay.url).port) } });
		await eventually(() => expect(onChange).toHaveBeenCalledTimes(3 + 2 * 3));
		expect(pinned()).toEqual([0, 2, 1]);
	});
});

describe('a conversation at a relay', () => {
	it('goes on under a new key for those who know it, and is closed to those who do not', async () => {
		const { relay, founder, newcomer, link } = await group();
		const [old, next] = [secret(), secret()];
		const alice = connect(relay, founder, [old]);
		const bob = connect(relay, newcomer, [old]);
		await eventually(() => expect(newcomer.authority.memberByAccount.size).toBe(1));

		alice.secrets = [next, old];
		alice.replica.keysChanged();
		await eventually(async () => expect(await metric(relay, 'rotations_total')).toBe(2));
		await eventually(() => expect(bob.replica.refused).toBe(true));
		await eventually(() => expect(alice.replica.connected).toBe(true));

		// What is said meanwhile does not reach who has the old key alone, and reaches them once they have the new one.
		bob.secrets = [next, old];
		bob.replica.keysChanged();
		await eventually(() => expect(bob.replica.connected).toBe(true));
		must(await writeJoin(seedCrypto, newcomer, link, 'Bob'));
		await eventually(() => expect(founder.authority.memberByAccount.has(accountOf(newcomer))).toBe(true));
		expect(await metric(relay, 'rotations_total')).toBe(2);
	});

	it('can be read with the link’s key while the rotation says so, and written to once the newest is known', async () => {
		const { relay, founder, newcomer, link } = await group();
		const [old, next] = [secret(), secret()];
		const readUntilSeconds = Math.floor(Date.now() / 1000) + 3600;
		const terms = (): ReturnType<Required<SegmentKeys>['terms']> => ({ readUntilSeconds, readerLanes: [] });
		const alice = connect(relay, founder, [old], { terms });
		await eventually(() => expect(alice.replica.connected).toBe(true));
		await eventually(async () => expect(await metric(relay, 'entries_stored_total')).toBeGreaterThan(0));
		alice.secrets = [next, old];
		alice.replica.keysChanged();
		await eventually(async () => expect(await metric(relay, 'rotations_total')).toBe(2));

		const bob = connect(relay, newcomer, [old]);
		await eventually(() => expect(newcomer.authority.memberByAccount.size).toBe(1));
		expect(await metric(relay, 'tickets_total', { mode: 'read' })).toBeGreaterThan(0);
		must(await writeJoin(seedCrypto, newcomer, link, 'Bob'));
		await eventually(async () =>
			expect(await metric(relay, 'rejected_total', { reason: 'read-only' })).toBeGreaterThan(0)
		);
		expect(founder.authority.memberByAccount.has(accountOf(newcomer))).toBe(false);
		bob.secrets = [next, old];
		bob.replica.keysChanged();
		await eventually(() => expect(founder.authority.memberByAccount.has(accountOf(newcomer))).toBe(true));
	});
});
