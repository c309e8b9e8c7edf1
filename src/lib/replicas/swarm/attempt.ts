/**
 * This side of a connection to one peer, while it is set up and as long as it is there. Signalling loses messages, so
 * until the connection is up this side says again, ever more slowly, all that it has said: its description, with the
 * candidates that it has by now. So no message matters more than another, and no answer is waited for in vain.
 */
import { jittered, type Timers } from '../../link/timers';
import { candidatesOf, descriptionIdentity, type Description, type Signal } from './signal-message';

/** What is said to the peer, as in `DirectedSignal`. */
export interface Saying {
	readonly signal: Signal;
	readonly token: number;
	readonly answers?: string;
}

/** One connection of y-webrtc's over our link, as far as setting it up needs it. */
export interface Connection {
	/** No link yet: descriptions may still be exchanged. False when it is up, and when it is over. */
	readonly connecting: boolean;
	/** The local description with the candidates found so far; null before there is one. */
	readonly own: Description | null;
	take(signal: Signal): void;
	publish(saying: Saying): void;
	/** If it is up: asks the peer for a sign of life. */
	probe(): void;
	/** Gives it up; `gone` is called once another one can take its place. */
	drop(gone: () => void): void;
}

export interface AttemptDeps {
	readonly timers: Timers;
	/** In [0, 1). */
	readonly random: () => number;
	/** Greater each time, and about the time in milliseconds. */
	readonly nextToken: () => number;
}

const firstSayAgainMs = 500;
const longestSayAgainMs = 2000;
const sayAgainGrowth = 1.1;
/** Candidates come one soon after the other; they are said together, with their description once more. */
const gatherMs = 50;
/** However often the peer asks. */
const sayAgainAtMostEveryMs = 300;

export class Attempt {
	readonly #deps: AttemptDeps;
	#saidAtMs = -Infinity;
	#cancel: () => void = () => undefined;
	#cancelGathered: (() => void) | null = null;
	#taken: Description | null = null;
	#token: number | null = null;
	/** The greatest that was heard with a description: messages overtake each other now and then. */
	#heardToken = -Infinity;

	constructor(
		readonly connection: Connection,
		deps: AttemptDeps
	) {
		this.#deps = deps;
		this.#schedule(firstSayAgainMs);
	}

	/** The peer's description that was taken. */
	get taken(): Description | null {
		return this.#taken;
	}

	/** Of the own offer or answer; null before there is one. */
	get token(): number | null {
		return this.#token;
	}

	/** Whether this was said before what has been heard already. */
	isOutdated(token: number): boolean {
		return token < this.#heardToken;
	}

	/** The description is the one that was taken, perhaps with more candidates. */
	isTaken(description: Description): boolean {
		return this.#taken !== null && descriptionIdentity(this.#taken) === descriptionIdentity(description);
	}

	/** A description of the peer's, which fits to what there is here. */
	take(description: Description, token: number): void {
		this.#taken = description;
		this.#heardToken = token;
		if (description.type === 'offer') this.#token = null;
		this.connection.take(description);
	}

	/** The same description again: its candidates may have been lost the first time. */
	takeAgain(description: Description, token: number): void {
		this.#heardToken = Math.max(this.#heardToken, token);
		if (!this.connection.connecting) return;
		for (const candidate of candidatesOf(description)) this.connection.take(candidate);
	}

	/** The connection has something for the peer: a description, or another candidate. */
	say(signal: Signal): void {
		if (signal.type === 'candidate') this.#cancelGathered ??= this.#sayGathered();
		else this.#publish(signal);
	}

	/** The peer does not seem to know what was said. */
	sayAgain(): void {
		const { own, connecting } = this.connection;
		const quietMs = this.#deps.timers.now() - this.#saidAtMs;
		if (own !== null && connecting && quietMs >= sayAgainAtMostEveryMs) this.#publish(own);
	}

	/** Says nothing more. */
	end(): void {
		this.#cancel();
		this.#cancelGathered?.();
	}

	#publish(description: Description): void {
		const taken = this.#taken;
		// An offer that is being rolled back.
		if (description.type === 'offer' && taken?.type === 'offer') return;
		this.#saidAtMs = this.#deps.timers.now();
		const token = (this.#token ??= this.#deps.nextToken());
		const answers = description.type === 'answer' && taken !== null ? descriptionIdentity(taken) : null;
		const saying = { signal: description, token };
		this.connection.publish(answers === null ? saying : { ...saying, answers });
	}

	#sayGathered(): () => void {
		return this.#deps.timers.after(gatherMs, () => {
			this.#cancelGathered = null;
			const { own, connecting } = this.connection;
			if (own !== null && connecting) this.#publish(own);
		});
	}

	#schedule(pauseMs: number): void {
		const { timers, random } = this.#deps;
		this.#cancel = timers.after(jittered(pauseMs, 0.2, random), () => {
			if (!this.connection.connecting) return;
			this.sayAgain();
			this.#schedule(Math.min(longestSayAgainMs, pauseMs * sayAgainGrowth));
		});
	}
}
