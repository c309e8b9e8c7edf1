/** What an account's own devices say of each other, and what nobody else does. */
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../src/lib/conversation/authority';
import { deviceKey } from '../../../src/lib/conversation/authority/devices';
import { World, type ModelDevice, type ModelLane } from '../../simulation/authority/world';

const removal = (
	device: ModelDevice,
	says: Partial<Statement & { type: 'device-remove' }> = {}
): Statement => ({
	type: 'device-remove',
	account: device.account,
	device: device.name,
	caps: [],
	byAccountKey: false,
	...says
});
const live = (world: World): string[] => [...world.fold().devices.keys()];

/** The founder with three devices; the lane in which the oldest speaks comes after the others'. */
function threeDevices() {
	const world = new World(1);
	const [first] = world.devices as [ModelDevice];
	const [second, third] = [world.newDevice(first.account), world.newDevice(first.account)];
	const lanes = [second, third, first].map((device) => world.newLane(device, world.founderGrant));
	const [ofSecond, ofThird, ofFirst] = lanes as [ModelLane, ModelLane, ModelLane];
	return { world, first, second, third, ofFirst, ofSecond, ofThird };
}

describe('a lost device', () => {
	it('is heard only as far as an older one accepts, wherever that stands', () => {
		for (const isAccepted of [false, true]) {
			const { world, first, second, third, ofFirst, ofSecond } = threeDevices();
			const caps = () => world.caps((lane) => lane === ofSecond, 'careful');
			const before = caps();
			world.say(ofSecond, removal(third));
			world.say(ofFirst, removal(second, { caps: isAccepted ? caps() : before }));
			const left = live(world);
			expect(left).toContain(first.name);
			expect(left).not.toContain(second.name);
			expect(left.includes(third.name)).toBe(!isAccepted);
		}
	});

	it('is not one for a younger device, for itself, or beyond a fork of the lane that says so', () => {
		const { world, first, second, third, ofFirst, ofSecond, ofThird } = threeDevices();
		world.say(ofThird, removal(second));
		world.say(ofSecond, removal(second));
		world.say(ofSecond, { type: 'fork', segment: 0, lane: ofFirst.number, clock: ofFirst.ids.length });
		world.say(ofFirst, removal(third));
		expect(live(world)).toEqual(expect.arrayContaining([first.name, second.name, third.name]));
	});

	it('is one with a higher number, also of those counted from 0, and one that is certified', () => {
		const world = new World(1);
		const account = world.newAccount();
		const [zero, one] = [0, 1].map((number) => ({ ...world.newDevice(account), number })) as [
			ModelDevice,
			ModelDevice
		];
		const [ofZero, ofOne] = [zero, one].map((device) => world.newLane(device, 'g')) as [ModelLane, ModelLane];
		world.say(ofOne, removal(zero));
		world.say(ofZero, removal(one));
		world.say(ofZero, removal({ ...one, name: 'in no lane' }));
		expect([...world.fold().capsByDevice.keys()]).toEqual([deviceKey(account, one.name)]);
	});

	it('is nobody else’s to lose, whatever key they say they have', () => {
		const { world, first, second, third } = threeDevices();
		const stranger = world.newLane(world.newDevice(world.newAccount()), world.founderGrant);
		for (const byAccountKey of [true, false]) world.say(stranger, removal(second, { byAccountKey }));
		expect(live(world)).toEqual(expect.arrayContaining([first.name, second.name, third.name]));
	});
});
