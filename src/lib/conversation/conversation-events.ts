import type { AdmittedRun } from '../protocol/guard/lanes';
import type { Authority } from './authority';

/** What a conversation tells whoever opened it. */
export interface ConversationEvents {
	/** New entries are in a segment's document; pass them on to everybody but `origin`. */
	admitted(segment: number, runs: readonly AdmittedRun[], origin: unknown): void;
	authorityChanged(authority: Authority): void;
	deliveryChanged(): void;
	/** Other epochs are held, or another one is written under. */
	epochsChanged?(): void;
	/** Something of a segment is to be erased at the relay. */
	erasing?(segment: number): void;
	/** Another device writes as this one: its data was copied, or this is a copy. Said anew with each lane that shows it. */
	copied?(): void;
	/** Something was refused; for counting. */
	rejected(reason: string): void;
}
