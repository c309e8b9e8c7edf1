/**
 * Lost devices (protocol 4, stratum 3): what an account has said about devices of its own. With the account key it can
 * take the lanes of any of them; without, an older device can take those of a younger one, so that of two that accuse
 * each other one is right, and a stolen device that is younger cannot answer.
 */
import type { ControlIndex, Said } from './control-index';
import { narrow, type LaneCaps } from './lane-caps';
import type { DeviceRemoveStatement } from './statement';

export const deviceKey = (account: string, device: string): string => `${account}/${device}`;

/**
 * Whatever the standing of who says so: these are an account's own affairs. What others have settled about a grant by
 * removing it, its devices do not change (see LaneLimits).
 * @returns caps by deviceKey
 */
export function removedDevices(index: ControlIndex): ReadonlyMap<string, LaneCaps> {
	const capsByDevice = new Map<string, LaneCaps>();
	const removals = index
		.ofType('device-remove')
		.filter(({ lane, says }) => index.certificateByLane.get(lane)?.account === says.account);
	if (removals.length === 0) return capsByDevice;
	const take = ({ says }: Said<DeviceRemoveStatement>): void =>
		narrow(capsByDevice, deviceKey(says.account, says.device), index.capsOf(says.caps));
	// What an account key has signed says so itself, in whatever lane of the account.
	for (const said of removals) if (said.says.byAccountKey) take(said);
	if (removals.every(({ says }) => says.byAccountKey)) return capsByDevice;
	const numberByDevice = deviceNumbers(index);
	const numberOf = (device: string): number => numberByDevice.get(device) ?? -1;
	const speakerOf = ({ lane, says }: Said<DeviceRemoveStatement>): string =>
		deviceKey(says.account, index.certificateByLane.get(lane)?.device ?? '');
	// Oldest first: whether a device may speak, and how far, is settled before it does.
	const byDevices = removals
		.filter(({ says }) => !says.byAccountKey)
		.sort((a, b) => numberOf(speakerOf(a)) - numberOf(speakerOf(b)));
	for (const said of byDevices) {
		const { lane, clock, says } = said;
		const limit = capsByDevice.get(speakerOf(said))?.limitOf(lane) ?? index.forkLimitOf(lane);
		if (clock >= limit) continue;
		const own = numberOf(speakerOf(said));
		if (own >= 0 && own < numberOf(deviceKey(says.account, says.device))) take(said);
	}
	return capsByDevice;
}

/** By deviceKey. Of a device certified under several numbers the highest: it cannot make itself older. */
function deviceNumbers(index: ControlIndex): ReadonlyMap<string, number> {
	const numbers = new Map<string, number>();
	for (const { account, device, deviceNumber } of index.certificateByLane.values()) {
		const key = deviceKey(account, device);
		numbers.set(key, Math.max(numbers.get(key) ?? -1, deviceNumber));
	}
	return numbers;
}
