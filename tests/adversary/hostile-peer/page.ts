/** Runs in the browser of the hostile member; driven by tests/e2e/adversary through `window.hostileMember`. */
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import { depIdLength } from '../../../src/lib/protocol/records';
import { encodeSyncFrame } from '../../../src/lib/protocol/sync-frames';
import { updateFrame } from '../../../src/lib/replicas/yjs-frames';
import { HandLane } from '../hand-lane';
import { behaviours } from './behaviours';
import { Member, type Way } from './member';

let current: Member | null = null;

function member(): Member {
	if (current === null) throw new Error('nobody has come in yet');
	return current;
}

const messages = 1;

const hostileMember = {
	/** Becomes a member by a normal invite link, as somebody new. */
	async comeIn(fragment: string, name: string): Promise<void> {
		await current?.leave();
		current = null;
		current = await Member.join(fragment, name);
	},

	/** How many links are open; -1 as long as the others do not know of the join, or this one not of what they said. */
	links(messagesSaid: number): number {
		if (current === null || !current.isIn) return -1;
		const said = current.conversation.inventory().find(({ segment }) => segment === messages);
		return (said?.entries ?? 0) >= messagesSaid ? current.links.size : -1;
	},

	async behave(name: string, way: Way): Promise<void> {
		const behaviour = behaviours.find((each) => each.name === name);
		if (behaviour === undefined) throw new Error(`nobody behaves like ${name}`);
		await behaviour.act(member(), way);
	},

	/** Says one thing to the first peer and another to the second, at the same clock of one lane. */
	async equivocate(): Promise<void> {
		const { crypto, identity, links } = member();
		const lane = await HandLane.begin(crypto, identity, messages, { hlc: hlcOfMs(Date.now()) });
		const branches = [lane, lane.fork()];
		for (const [i, branch] of branches.entries()) await branch.say({ type: 'message', text: `FORGED ${i}` });
		for (const [i, link] of [...links.keys()].entries()) {
			const update = branches[i % 2]?.update() ?? new Uint8Array();
			link.send('sync', encodeSyncFrame({ type: 'update', segment: messages, update }));
		}
	},

	/** Goes on after having been removed: at the relay, and on whatever link is still there; dated before the removal. */
	async goOn(): Promise<void> {
		const { crypto, identity } = member();
		for (const segment of [0, messages]) {
			const lane = await HandLane.begin(crypto, identity, segment, { hlc: 1 });
			await lane.say(
				segment === 0 ? { type: 'profile', name: 'FORGED' } : { type: 'message', text: 'FORGED' }
			);
			await member().say('links', segment, lane.update());
			await member().tellRelay(segment, [updateFrame(lane.update())]);
		}
	},

	/** Shuts everybody out at the relay, as every member can (docs/decisions/0014). */
	async seizeRelay(): Promise<void> {
		for (const segment of [0, messages]) await member().seizeAtRelay(segment);
	},

	/** A word like everybody's, but for what it claims to stand on: an entry that there never was. */
	async say(text: string): Promise<void> {
		const { crypto, identity } = member();
		const hlc = hlcOfMs(Date.now());
		const lane = await HandLane.begin(crypto, identity, messages, { hlc });
		const never = { lane: 12_345, clock: 7, id: new Uint8Array(depIdLength) };
		await lane.say({ type: 'message', text }, { hlc: hlc + 1, deps: [never] });
		await member().say('links', messages, lane.update());
	}
};

export type HostileMember = typeof hostileMember;
declare global {
	interface Window {
		hostileMember: HostileMember;
	}
}
window.hostileMember = hostileMember;
