/**
 * Own words of what is gone: edits that were made before this account heard of a delete, and copies that it did not know.
 * Their texts are kept no more; where they stand is, until a delete names them (docs/decisions/0026). Of what is gone
 * from this device alone too, since it may be deleted for everyone later.
 */
import type { ActTable } from './act-table';
import type { GoneTable } from './gone-table';
import { hashOfId } from './hash-of-id';
import type { NameTable } from './name-table';
import type { SqlDriver } from './sql-driver';
import type { SaidPlace } from './types';

const atOnce = 64;

/** Where an own edit or copy stands, and what it words anew. */
export interface OwnWords extends Pick<SaidPlace, 'segment' | 'lane' | 'clock' | 'id'> {
	readonly target: string;
	/** Number of this device's account. */
	readonly author: number;
}

export class LateWords {
	constructor(
		readonly driver: SqlDriver,
		readonly acts: ActTable,
		readonly names: NameTable,
		readonly gone: GoneTable
	) {}

	put(ref: number, { segment, lane, clock, id, target, author }: OwnWords): void {
		if (this.gone.isDeleted(ref, id, author)) return;
		this.driver.run(
			`insert or ignore into late (conversation, id_hash, id, segment, lane, clock, author, target, target_hash)
			 values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			[ref, hashOfId(id), id, segment, lane, clock, author, target, hashOfId(target)]
		);
	}

	/** Takes away how an account has worded this anew, and copies of it; of this device's account, not without a note. */
	take(ref: number, id: string, author: number): void {
		const copies = this.names.copiesOf(ref, id, author);
		for (const copy of copies) if (copy.own) this.put(ref, copy);
		for (const name of [id, ...copies.map((copy) => copy.id)])
			for (const edit of this.acts.takeEdits(ref, name, author)) this.put(ref, edit);
	}

	/** A delete names it among what this account has said. */
	named(ref: number, id: string, author: number): void {
		this.driver.run('delete from late where conversation = ? and id_hash = ? and id = ? and author = ?', [
			...[ref, hashOfId(id), id, author]
		]);
	}

	/** What that lane said from a clock on counts no more. */
	retract(ref: number, segment: number, lane: number, next: number): void {
		this.driver.run('delete from late where conversation = ? and segment = ? and lane = ? and clock >= ?', [
			...[ref, segment, lane, next]
		]);
	}

	/** Those of what is deleted for everyone, up to 64. @param conversation its id */
	list(ref: number, conversation: string): SaidPlace[] {
		const rows = this.driver.rows(
			'select segment, lane, clock, id, author, target from late where conversation = ? order by id',
			[ref]
		);
		const late = rows.filter(([, , , , author, target]) => {
			const firsts = this.names.firstsOf(ref, String(target), Number(author));
			return this.gone.deletionOf(ref, firsts, Number(author)) !== null;
		});
		return late.slice(0, atOnce).map(([segment, lane, clock, id]) => ({
			conversation,
			segment: Number(segment),
			lane: Number(lane),
			clock: Number(clock),
			id: String(id)
		}));
	}
}
