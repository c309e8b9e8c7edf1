import { describe, expect, it } from 'vitest';
import {
	addressOf,
	greetingsIn,
	greetingsLastMs,
	greetingsPerLaneAndHour
} from '../../../src/lib/conversation/greetings';
import { removeMember, leaveGroup } from '../../../src/lib/conversation/group-acts';
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import type { GreetingRecord } from '../../../src/lib/protocol/records';
import { GroupTable, type TablePerson } from './group-table';

const greeting: GreetingRecord = {
	type: 'greeting',
	encapsulated: new Uint8Array(32),
	ciphertext: new Uint8Array(48)
};
const later = Number.MAX_SAFE_INTEGER;

function trip() {
	const table = new GroupTable();
	const key = table.invite(table.owner);
	const [ben, cleo] = [table.join('Ben', key), table.join('Cleo', key)];
	/** What there is for somebody, as of the newest entry. */
	const heardBy = ({ account }: TablePerson, latestHlc?: number) => {
		const { authority, entries: controlEntries } = table;
		const newest = Math.max(...controlEntries.map(({ hlc }) => hlc));
		return greetingsIn({ authority, controlEntries, account }, latestHlc ?? newest);
	};
	return { table, key, ben, cleo, heardBy };
}

describe('greetings in a group', () => {
	it('may be for any member but who says them', () => {
		const { table, ben, cleo, heardBy } = trip();
		const { id } = table.say(ben, greeting);
		for (const other of [table.owner, cleo]) {
			const heard = heardBy(other);
			expect(heard.map((each) => [each.id, each.name])).toEqual([[id, 'Ben']]);
			expect(heard[0]?.certificate.account).toEqual(ben.accountKey);
		}
		expect(heardBy(ben)).toEqual([]);
	});

	it('are nothing from somebody who has been removed, and stay from somebody who has left', async () => {
		const { table, ben, cleo, heardBy } = trip();
		for (const each of [ben, cleo]) table.say(each, greeting);
		table.act(cleo, leaveGroup(table.authority, table.actor(cleo)));
		const removal = await removeMember(table.authority, table.actor(table.owner), ben.account, {
			capsOf: table.capsOf,
			seesLessThan: () => false,
			joinsByKey: table.facts.joinsByKey
		});
		table.act(table.owner, removal);
		expect(heardBy(table.owner).map(({ name }) => name)).toEqual(['Cleo']);
		// Nor is anything for whoever is no member.
		expect(heardBy(ben)).toEqual([]);
		expect(heardBy(cleo)).toEqual([]);
	});

	it('are nothing from somebody whom nobody has let in', () => {
		const { table, heardBy } = trip();
		const dora = table.join('Dora', table.random.bytes(32));
		table.say(dora, greeting);
		expect(heardBy(table.owner)).toEqual([]);
	});

	it('count no faster than a person writes to strangers', () => {
		const { table, ben, cleo, heardBy } = trip();
		const said = Array.from({ length: greetingsPerLaneAndHour + 3 }, () => table.say(ben, greeting));
		table.say(cleo, greeting);
		const heard = new Set(heardBy(table.owner).map(({ id }) => id));
		expect(said.map(({ id }) => heard.has(id))).toEqual([
			...Array<boolean>(greetingsPerLaneAndHour).fill(true),
			...Array<boolean>(3).fill(false)
		]);
		expect(heard.size).toBe(greetingsPerLaneAndHour + 1);
	});

	it('last for thirty days, and wait for their time', () => {
		const { table, ben, heardBy } = trip();
		const { hlc } = table.say(ben, greeting);
		expect(heardBy(table.owner, hlc - 1)).toEqual([]);
		expect(heardBy(table.owner, hlc + hlcOfMs(greetingsLastMs))).toHaveLength(1);
		expect(heardBy(table.owner, hlc + hlcOfMs(greetingsLastMs) + 1)).toEqual([]);
		expect(heardBy(table.owner, later)).toEqual([]);
	});
});

describe('the address of a member', () => {
	it('is a device of theirs, as long as they are in the group', () => {
		const { table, ben, cleo } = trip();
		const at = (to: TablePerson) => {
			const { authority, entries: controlEntries, owner } = table;
			return addressOf({ authority, controlEntries, account: owner.account }, to.account);
		};
		expect(at(ben)?.account).toEqual(ben.accountKey);
		expect(at(cleo)?.device).toEqual(cleo.accountKey);
		table.act(ben, leaveGroup(table.authority, table.actor(ben)));
		expect(at(ben)).toBeNull();
		const dora = table.join('Dora', table.random.bytes(32));
		expect(at(dora)).toBeNull();
	});
});
