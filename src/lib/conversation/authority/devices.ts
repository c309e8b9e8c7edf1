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
	const removals = removalsOf(index);
	const take = ({ says, removed }: Removal): void => narrow(capsByDevice, removed, index.capsOf(says.caps));
	// What an account key has signed says so itself, in whatever lane of the account.
	for (const removal of removals) if (removal.says.byAccountKey) take(removal);
	const byDevices = removals.filter(({ says }) => !says.byAccountKey);
	if (byDevices.length === 0) return capsByDevice;
	const numberByDevice = deviceNumbers(index);
	const numberOf = (device: string): number => numberByDevice.get(device) ?? -1;
	// Oldest first: whether a device may speak, and how far, is settled before it does.
	byDevices.sort((a, b) => numberOf(a.speaker) - numberOf(b.speaker));
	for (const removal of byDevices) {
		const { lane, clock, speaker, removed } = removal;
		const limit = capsByDevice.get(speaker)?.limitOf(lane) ?? index.forkLimitOf(lane);
		if (clock < limit && numberOf(speaker) < numberOf(removed)) take(removal);
	}
	return capsByDevice;
}

interface Removal extends Said<DeviceRemoveStatement> {
	/** By deviceKey: in whose lane it stands, and whom it takes. */
	readonly speaker: string;
	readonly removed: string;
}

/** What accounts say of devices of their own. */
function removalsOf(index: ControlIndex): readonly Removal[] {
	return index.ofType('device-remove').flatMap((said) => {
		const { account, device } = said.says;
		const certificate = index.certificateByLane.get(said.lane);
		if (certificate?.account !== account) return [];
		const speaker = deviceKey(account, certificate.device);
		return [{ ...said, speaker, removed: deviceKey(account, device) }];
	});
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
