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
 * @param carries whether an entry counts as far as grants and forks go
 * @returns caps by deviceKey
 */
export function removedDevices(
	index: ControlIndex,
	carries: (said: Said) => boolean
): ReadonlyMap<string, LaneCaps> {
	const capsByDevice = new Map<string, LaneCaps>();
	const removals = index.ofType('device-remove').filter((said) => {
		return index.certificateByLane.get(said.lane)?.account === said.says.account && carries(said);
	});
	if (removals.length === 0) return capsByDevice;
	const take = ({ says }: Said<DeviceRemoveStatement>): void =>
		narrow(capsByDevice, deviceKey(says.account, says.device), index.capsOf(says.caps));
	for (const said of removals) if (said.says.byAccountKey) take(said);
	const numberByDevice = deviceNumbers(index);
	const numberOf = (device: string): number => numberByDevice.get(device) ?? -1;
	const speakerOf = ({ lane }: Said): string => index.certificateByLane.get(lane)?.device ?? '';
	// Oldest first: whether a device may speak is settled before it does.
	const byDevices = removals
		.filter(({ says }) => !says.byAccountKey)
		.sort((a, b) => numberOf(speakerOf(a)) - numberOf(speakerOf(b)));
	for (const said of byDevices) {
		const speaker = speakerOf(said);
		const { account, device } = said.says;
		const caps = capsByDevice.get(deviceKey(account, speaker));
		if (caps !== undefined && !caps.allows(said.lane, said.clock)) continue;
		const [own, theirs] = [numberOf(deviceKey(account, speaker)), numberOf(deviceKey(account, device))];
		if (own >= 0 && own < theirs) take(said);
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

/** First clock of a lane that counts no more because an account, by its key, has removed the device. */
export function accountKeyLimits(index: ControlIndex): (lane: number) => number {
	const capsByDevice = new Map<string, LaneCaps>();
	for (const { lane, says } of index.ofType('device-remove')) {
		if (!says.byAccountKey || index.certificateByLane.get(lane)?.account !== says.account) continue;
		narrow(capsByDevice, deviceKey(says.account, says.device), index.capsOf(says.caps));
	}
	return (lane) => {
		const certificate = index.certificateByLane.get(lane);
		if (certificate === undefined) return Infinity;
		return capsByDevice.get(deviceKey(certificate.account, certificate.device))?.limitOf(lane) ?? Infinity;
	};
}
