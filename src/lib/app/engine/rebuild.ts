/** Fills an empty read model again from the documents: the newest segment of each conversation first. */
import type { EngineDeps } from './engine-contract';
import type { HotSet } from './hot-set';

/** Resolves when all is projected, or the engine is closed. */
export async function rebuildReadModel(
	{ database, events }: Pick<EngineDeps, 'database' | 'events'>,
	conversations: HotSet
): Promise<void> {
	const records = await database.db.getAll('conversations');
	const metas = await database.db.getAll('segments');
	const total = metas.reduce((sum, meta) => sum + meta.entries, 0);
	let done = 0;
	events.rebuilding({ done, total });
	const rounds = [...metas].sort((a, b) => b.segment - a.segment);
	const newestFirst = (id: string): number[] =>
		rounds.filter((meta) => meta.conversation === id && meta.segment > 0).map((meta) => meta.segment);
	const depth = Math.max(0, ...records.map(({ id }) => newestFirst(id).length));
	for (let round = 0; round < depth; round++) {
		for (const { id } of records) {
			const segment = newestFirst(id)[round];
			if (segment === undefined || conversations.closed) continue;
			const hot = await conversations.heat(id);
			await hot.conversation.project(segment);
			done += metas.find((meta) => meta.conversation === id && meta.segment === segment)?.entries ?? 0;
			events.rebuilding({ done, total });
		}
	}
	events.rebuilding(null);
}
