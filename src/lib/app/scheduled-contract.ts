/** Messages that are sent later. Part of the contract. */
import type { ScheduledRow } from '../identity/scheduled';
import type { Result } from '../protocol/result';
import type { Problem } from './contract';

export interface ScheduledMessage {
	readonly id: string;
	/** Id of the conversation that it is for. */
	readonly conversation: string;
	/** Id of the root of the thread that it is for; absent: the conversation itself. */
	readonly thread?: string;
	readonly text: string;
	/** Wall-clock milliseconds. */
	readonly dueAtMs: number;
	/**
	 * waiting · sending · unsure: the app went away while it was being sent, and nobody knows whether it was · refused:
	 * it could not be sent, see `problem`.
	 */
	readonly state: 'waiting' | 'sending' | 'unsure' | 'refused';
	readonly problem: Problem | null;
}

export type NewScheduledMessage = Omit<ScheduledRow, 'id' | 'state' | 'refusal'>;

/** Each resolves when it is saved on this device. Messages are sent by this device alone, while the app is open on it. */
export interface ScheduledView {
	/** Soonest first. */
	readonly messages: readonly ScheduledMessage[];
	add(message: NewScheduledMessage): Promise<Result<void, Problem>>;
	/** Another time for one that has not been sent; one that was refused waits again. */
	postpone(id: string, dueAtMs: number): Promise<Result<void, Problem>>;
	sendNow(id: string): Promise<Result<void, Problem>>;
	/** Takes one back. @returns its text, for who wants to write it anew; '' if it is not there any more */
	cancel(id: string): Promise<Result<string, Problem>>;
}
