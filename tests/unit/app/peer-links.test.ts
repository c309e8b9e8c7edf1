import { describe, expect, it } from 'vitest';
import { EventLog } from '../../../src/lib/app/event-log';
import { PeerLinks } from '../../../src/lib/app/hot/peer-links';
import { ConversationPresence } from '../../../src/lib/app/presence';
import type { Link } from '../../../src/lib/link/contract';
import { controlSegment } from '../../../src/lib/protocol/ids';
import { updateFrame } from '../../../src/lib/replicas/yjs-frames';
import { group, type Person } from '../conversation/people';
import { ManualTimers } from '../link/manual-timers';

const linkTo = (id: number, { conversation }: Person): Link => ({
	id,
	peer: { account: conversation.account, device: `device ${id}` },
	send: () => true,
	queuedBytes: 0,
	sentBytes: 0,
	receivedBytes: 0,
	close: () => undefined
});

/** One person's links to two others, with what y-webrtc does with an update of the control segment. */
async function linked() {
	const { founder, ann, ben } = await group('ann', 'ben');
	const timers = new ManualTimers();
	const { conversation } = founder;
	const links = new PeerLinks({
		crypto: founder.crypto,
		log: new EventLog(() => timers.now()),
		timers,
		conversation,
		presence: new ConversationPresence({
			timers,
			consent: () => ({ receipts: false, online: false, typing: false }),
			create: (state) => conversation.presences.create(state),
			receive: (bytes) => conversation.presences.receive(bytes),
			lastWords: () => conversation.lastWords,
			saidTime: () => undefined,
			changed: () => undefined
		}),
		opened: () => undefined,
		heardFrontier: () => undefined,
		changed: () => undefined
	});
	const [toAnn, toBen] = [linkTo(1, ann), linkTo(2, ben)];
	const sentTo: string[] = [];
	const control = await conversation.document(controlSegment);
	links.follow(control.doc);
	control.doc.on('update', (update: Uint8Array) => {
		const frame = updateFrame(update);
		if (links.guardOutbound(frame, toAnn).length > 0) sentTo.push('ann');
		if (links.guardOutbound(frame, toBen).length > 0) sentTo.push('ben');
	});
	/** Frames with what `person` has newly said in the control segment. */
	const news = async (person: Person): Promise<Uint8Array[]> => {
		const frames: Uint8Array[] = [];
		const heads = await conversation.heads(controlSegment);
		for await (const update of person.conversation.updatesFor(controlSegment, heads, 64 * 1024))
			frames.push(updateFrame(update));
		return frames;
	};
	return { founder, ann, ben, links, toAnn, toBen, sentTo, news };
}

describe('what y-webrtc passes on', () => {
	it('goes to everybody but whom it came from', async () => {
		const { ann, ben, links, toAnn, toBen, sentTo, news } = await linked();
		await ann.conversation.act([{ type: 'profile', name: 'Anne' }]);
		for (const frame of await news(ann)) await links.guardInbound(toAnn, frame);
		expect(sentTo).toEqual(['ben']);
		await ben.conversation.act([{ type: 'profile', name: 'Benno' }]);
		for (const frame of await news(ben)) await links.guardInbound(toBen, frame);
		expect(sentTo).toEqual(['ben', 'ann']);
	});

	it('goes to everybody where it is said here', async () => {
		const { founder, ann, links, toAnn, sentTo, news } = await linked();
		await ann.conversation.act([{ type: 'profile', name: 'Anne' }]);
		for (const frame of await news(ann)) await links.guardInbound(toAnn, frame);
		sentTo.splice(0);
		await founder.conversation.act([{ type: 'profile', name: 'Flo' }]);
		expect(sentTo).toEqual(['ann', 'ben']);
	});
});
