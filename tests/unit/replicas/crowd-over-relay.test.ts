/** A group of a dozen over the real relay; a hundred are `npm run bench -- group-100`. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Crowd } from '../../seed/crowd';
import { startTestRelay } from '../relay/test-relay';

beforeAll(() => void vi.stubGlobal('WebSocket', WebSocket));
afterAll(() => void vi.unstubAllGlobals());

const size = 12;
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 60_000, interval: 10 });

it('what one of twelve says reaches the eleven others, also who was away when it was said', async () => {
	const relay = await startTestRelay();
	await using crowd = await Crowd.assemble(size);
	for (const { conversation } of crowd.members)
		expect(conversation.authority.memberByAccount.size).toBe(size);
	const late = crowd.members.slice(-3);
	const refused = (reason: string) => crowd.refusals.push(reason);
	for (const member of crowd.members.slice(0, -3)) member.connect(relay.url, refused);
	await eventually(() =>
		expect(crowd.members.slice(0, -3).every(({ replica }) => replica?.connected)).toBe(true)
	);
	await crowd.say(0, 'from the founder');
	await crowd.say(5, 'from somebody');
	for (const text of ['from the founder', 'from somebody'])
		await eventually(() => expect(crowd.showing(text)).toBe(size - 3));
	for (const member of late) member.connect(relay.url, refused);
	for (const text of ['from the founder', 'from somebody'])
		await eventually(() => expect(crowd.showing(text)).toBe(size));
	await crowd.say(size - 1, 'from who came late');
	await eventually(() => expect(crowd.showing('from who came late')).toBe(size));
	expect(crowd.refusals).toEqual([]);
}, 120_000);
