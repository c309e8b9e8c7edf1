import { afterEach, describe, expect, it } from 'vitest';
import { directConversationOf } from '../../../src/lib/protocol/direct';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { sha256 } from '../../../src/lib/protocol/crypto';
import { must } from '../../must';
import { Scene, type Human, type PowerCut } from './rendezvous-scene';

const group = 'the-group';
const scenes: Scene[] = [];

async function two(): Promise<readonly [Scene, Human, Human, string]> {
	const scene = new Scene();
	scenes.push(scene);
	const [ann, bob] = [await scene.human('Ann'), await scene.human('Bob')];
	const [one, other] = [ann, bob].map(({ identity }) => sha256(identity.certificate.account));
	return [scene, ann, bob, toBase64url(directConversationOf(one as Uint8Array, other as Uint8Array))];
}

afterEach(async () => {
	for (const scene of scenes.splice(0)) await scene.close();
});

/** What stands in the conversation of the two, and in the group. */
const saidBy = async ({ conversations }: Human, direct: string): Promise<readonly (readonly string[])[]> => [
	await conversations.said(direct),
	await conversations.said(group)
];
const drafts = ({ database }: Human): Promise<readonly string[]> => database.db.getAllKeys('drafts');

const cuts: readonly PowerCut[] = [
	'before direct',
	'after direct',
	'before say',
	'after say',
	'before greet',
	'after greet'
];

describe('first words to a member of a group', () => {
	it.each(cuts)('are said in both places, and once, when power goes %s', async (cut) => {
		const [scene, ann, bob, direct] = await two();
		ann.conversations.cut = cut;
		void ann.people.writeToMember({ group, account: bob.account }, 'Hello');
		await scene.until(() => ann.conversations.isCut);
		const after = await scene.afterPowerCut(ann);
		await scene.until(async () => (await drafts(after)).length === 0);
		expect(await saidBy(after, direct)).toEqual([['Hello'], ['Hello']]);
		expect(after.shown.contacts).toMatchObject([{ account: bob.account, conversation: direct }]);
		const again = await scene.again(after);
		await again.people.close();
		expect(await saidBy(again, direct)).toEqual([['Hello'], ['Hello']]);
	});

	it('are not said after a start to whom one has blocked, nor to who is not there any more', async () => {
		for (const fate of ['blocked', 'gone'] as const) {
			const [scene, ann, bob, direct] = await two();
			ann.conversations.cut = 'before greet';
			void ann.people.writeToMember({ group, account: bob.account }, 'Hello');
			await scene.until(() => ann.conversations.isCut);
			if (fate === 'blocked') must(await ann.people.setBlocked(bob.account, true));
			else scene.leaves(bob);
			const after = await scene.afterPowerCut(ann);
			await scene.until(async () => (await drafts(after)).length === 0);
			expect(await saidBy(after, direct)).toEqual([['Hello'], []]);
		}
	});

	it('are not said by themselves after their author was told that they were not', async () => {
		const [scene, ann, bob, direct] = await two();
		ann.conversations.cut = 'before say';
		const written = ann.people.writeToMember({ group, account: bob.account }, 'Hello');
		await scene.until(() => ann.conversations.isCut);
		ann.conversations.giveUp();
		expect(await written).toMatchObject({ ok: false, reason: { code: 'not-saved' } });
		expect(await drafts(ann)).toEqual([]);
		const after = await scene.again(ann);
		await after.people.close();
		expect(await saidBy(after, direct)).toEqual([[], []]);
	});
});

describe('first words by a link', () => {
	it.each(['before say', 'after say'] as const)(
		'are said in the conversation of the two as well, and once, when power goes %s',
		async (cut) => {
			const [scene, ann, bob, direct] = await two();
			ann.conversations.cut = cut;
			void ann.people.sendRequest(await bob.link(), 'Hello');
			await scene.until(() => ann.conversations.isCut);
			const after = await scene.afterPowerCut(ann);
			await scene.until(async () => (await drafts(after)).length === 0);
			expect(await saidBy(after, direct)).toEqual([['Hello'], []]);
			await scene.until(() => bob.shown.requests.length === 1);
		}
	);
});
