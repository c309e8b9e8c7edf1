/** Pictures of groups, ready to be shown: only what small-picture.ts has looked at gets to a decoder. */
import { SvelteMap } from 'svelte/reactivity';
import type { DeviceDatabase } from '$lib/identity/device-database';
import { equalBytes } from '$lib/protocol/bytes';
import { readSmallPicture } from '$lib/protocol/small-picture';
import type { EventLog } from './event-log';

export class Pictures {
	/** Addresses by conversation. */
	readonly urlById = new SvelteMap<string, string>();
	readonly #bytesById = new Map<string, Uint8Array>();

	constructor(readonly log: EventLog) {}

	/** Those that were seen last, until their conversations are loaded. */
	async load(database: DeviceDatabase): Promise<void> {
		for (const { id, picture } of await database.db.getAll('conversations'))
			if (!this.#bytesById.has(id)) this.set(id, picture ?? null);
	}

	/** @param picture as the conversation has it; what cannot be shown safely is counted and left out */
	set(id: string, picture: Uint8Array | null): void {
		const before = this.#bytesById.get(id);
		if (picture === null ? before === undefined : before !== undefined && equalBytes(before, picture)) return;
		const url = this.urlById.get(id);
		if (url !== undefined) URL.revokeObjectURL(url);
		this.urlById.delete(id);
		this.#bytesById.delete(id);
		if (picture === null) return;
		this.#bytesById.set(id, picture);
		const read = readSmallPicture(picture);
		if (!read.ok) return this.log.reject(`a group's ${read.reason}`);
		this.urlById.set(id, URL.createObjectURL(new Blob([picture.slice()], { type: read.value.type })));
	}
}
