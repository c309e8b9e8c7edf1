/**
 * `timer`: after how long what is said in a conversation disappears, for everybody in it (docs/decisions/0035). A control
 * entry: newcomers read it whatever of the past is given to them, and everybody checks who may say it.
 */
import { Malformed } from './bytes';
import { isExpiry } from './content-records';
import { hashLength } from './crypto';
import { readIdSet, writeIdSet, type Codec } from './record-codec';

/** More than one only after several have set it at once. */
export const replacedTimersBounds = { least: 0, most: 8 };

export interface TimerRecord {
	readonly type: 'timer';
	/** A seat or a role record; zeros in a direct conversation. */
	readonly auth: Uint8Array;
	/** Seconds, as of a message; 0: what is said stays. */
	readonly afterS: number;
	/** Ids of the entries with what held so far, at most 8. */
	readonly replaces: readonly Uint8Array[];
}

const isAllowed = (seconds: number): boolean => seconds === 0 || isExpiry(seconds);

export const timerCodec: Codec<TimerRecord> = {
	number: 51,
	class: 'control',
	write: (writer, { auth, afterS, replaces }) => {
		if (!isAllowed(afterS)) throw new RangeError(`a timer of ${afterS} s`);
		writeIdSet(writer.raw(auth).varuint(afterS), replaces, hashLength, replacedTimersBounds);
	},
	read: (reader) => {
		const auth = reader.take(hashLength);
		const afterS = reader.varuint();
		if (!isAllowed(afterS)) throw new Malformed('range');
		return { type: 'timer', auth, afterS, replaces: readIdSet(reader, hashLength, replacedTimersBounds) };
	}
};
