/** How the relay opens LMDB: binary keys and values, one environment a folder, every write a commit of its own. */
import { open, type Database, type RootDatabase } from 'lmdb';

export type Table = Database<Buffer, Buffer>;
export type Root = RootDatabase<Buffer, Buffer>;

export const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;

/**
 * @param folder made if it is not there
 * @param mostTables that will ever be in it
 * @throws what LMDB says if it cannot be opened
 */
export function openRoot(folder: string, mostTables: number): Root {
	return open<Buffer, Buffer>({
		path: folder,
		noSubdir: false,
		overlappingSync: false,
		// Each write is a batch of its own already; the implicit one would, if a commit fails, reject a promise that
		// nobody can reach, and so end the process.
		eventTurnBatching: false,
		maxDbs: mostTables,
		...binary
	});
}

export const openTable = (root: Root, name: string): Table =>
	root.openDB<Buffer, Buffer>({ name, ...binary });
