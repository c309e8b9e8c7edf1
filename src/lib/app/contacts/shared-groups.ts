/** Who is in a group with whom, as far as this device can see. */
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { MemberRow, Store } from '$lib/store/types';

/** Members who are here, of every group that this person is in. */
export class SharedGroups {
	private constructor(readonly groups: readonly (readonly MemberRow[])[]) {}

	static async read(
		database: DeviceDatabase,
		store: Pick<Store, 'members'>,
		isDirect: (conversation: string) => boolean
	): Promise<SharedGroups> {
		const records = await database.db.getAll('conversations');
		const ids = records.filter(({ id, left }) => !left && !isDirect(id)).map(({ id }) => id);
		const members = await Promise.all(ids.map((id) => store.members(id)));
		return new SharedGroups(members.map((rows) => rows.filter(({ left }) => !left)));
	}

	shares(account: string): boolean {
		return this.groups.some((rows) => rows.some((row) => row.account === account));
	}

	/** Accounts of those in any group with this one. */
	companionsOf(account: string): ReadonlySet<string> {
		const shared = this.groups.filter((rows) => rows.some((row) => row.account === account));
		return new Set(
			shared.flat().flatMap((row) => (row.self || row.account === account ? [] : [row.account]))
		);
	}
}
