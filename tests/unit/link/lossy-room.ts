/**
 * People in one signalling room that loses messages, in virtual time: negotiation as it is, over connections that do
 * what a browser's do, as far as negotiation can see. One seed has one history.
 */
import type { Timers } from '../../../src/lib/link/timers';
import { announcementPauseMs } from '../../../src/lib/replicas/swarm/announcing';
import { Attempt, type Connection, type Saying } from '../../../src/lib/replicas/swarm/attempt';
import { Negotiation } from '../../../src/lib/replicas/swarm/negotiation';
import {
	candidatesOf,
	descriptionIdentity,
	type Description,
	type Signal,
	type SignalMessage
} from '../../../src/lib/replicas/swarm/signal-message';
import type { SeededRandom } from '../../simulation/seeded-random';
import { ManualTimers } from './manual-timers';

export interface RoomOptions {
	/** Of a message on one of its two ways: to the server, and from it to one person. */
	readonly lossPerWay: number;
	/** When each person joins. */
	readonly joinsAtMs: readonly number[];
	/** Of a message on one way. */
	readonly delayMs: { readonly least: number; readonly most: number };
}

/** As in limits.ts: how long an attempt may take, and as long again when ICE is at work. */
const connectMs = 8_000;

export class LossyRoom {
	readonly timers = new ManualTimers();
	readonly people: SimulatedPerson[] = [];
	messages = 0;
	identities = 0;
	/** A socket keeps the order of what goes over it. */
	readonly #lastArrivalByWay = new Map<string, number>();

	constructor(
		readonly random: SeededRandom,
		readonly options: RoomOptions
	) {
		for (const [index, joinsAtMs] of options.joinsAtMs.entries()) {
			const person = new SimulatedPerson(this, `person ${index}`);
			this.people.push(person);
			this.timers.after(joinsAtMs, () => person.join());
		}
	}

	/** @returns when (ms) everybody had a link to everybody else, or null if it takes longer than `patienceMs` */
	allLinkedAfterMs(patienceMs: number): number | null {
		const startMs = this.timers.now();
		for (;;) {
			const passedMs = this.timers.now() - startMs;
			if (this.people.every((person) => person.linked.length === this.people.length - 1)) return passedMs;
			if (passedMs > patienceMs) return null;
			this.timers.pass(50);
		}
	}

	/** Up to the server, and down to all who have subscribed. */
	send(from: SimulatedPerson, message: SignalMessage | 'subscribe'): void {
		this.messages++;
		this.#way(`up ${from.name}`, () => {
			if (message === 'subscribe') from.subscribed = true;
			else
				for (const person of this.people)
					if (person !== from && person.subscribed)
						this.#way(`down ${person.name}`, () => person.negotiation.hear(message));
		});
	}

	within(leastMs: number, mostMs: number): number {
		return leastMs + this.random.unit() * (mostMs - leastMs);
	}

	#way(name: string, arrive: () => void): void {
		const { lossPerWay, delayMs } = this.options;
		const now = this.timers.now();
		const dueMs = now + this.within(delayMs.least, delayMs.most);
		if (this.random.chance(lossPerWay)) return;
		const arrivalMs = Math.max(dueMs, this.#lastArrivalByWay.get(name) ?? 0);
		this.#lastArrivalByWay.set(name, arrivalMs);
		this.timers.after(arrivalMs - now, arrive);
	}
}

export class SimulatedPerson {
	readonly negotiation: Negotiation;
	readonly attempts = new Map<string, { attempt: Attempt; connection: SimulatedConnection }>();
	subscribed = false;
	#joinedAtMs = 0;
	#lastToken = 0;

	constructor(
		readonly room: LossyRoom,
		readonly name: string
	) {
		this.negotiation = new Negotiation({
			ownId: name,
			attemptWith: (peer) => this.attempts.get(peer)?.attempt,
			hasRoom: () => true,
			begin: (peer, as) => this.#begin(peer, as)
		});
	}

	get linked(): string[] {
		return [...this.attempts].flatMap(([peer, { connection }]) => (connection.up ? [peer] : []));
	}

	join(): void {
		this.#joinedAtMs = this.room.timers.now();
		this.announce();
		this.#announceAgain();
	}

	announce(): void {
		this.room.send(this, 'subscribe');
		this.room.send(this, { type: 'announce', from: this.name, linked: this.linked });
	}

	#announceAgain(): void {
		const { timers, random } = this.room;
		const pauseMs = announcementPauseMs(timers.now() - this.#joinedAtMs, () => random.unit());
		timers.after(pauseMs, () => {
			this.announce();
			this.#announceAgain();
		});
	}

	#begin(peer: string, as: 'offerer' | 'answerer'): Attempt {
		const { room, attempts, name } = this;
		const { timers, random } = room;
		const connection = new SimulatedConnection(room, as, {
			publish: (saying) => room.send(this, { type: 'signal', from: name, to: peer, ...saying }),
			said: (signal) => attempt.say(signal),
			over: () => {
				attempt.end();
				attempts.delete(peer);
				this.announce();
			},
			other: () => room.people.find((person) => person.name === peer)?.attempts.get(name)?.connection ?? null
		});
		const attempt = new Attempt(connection, {
			timers,
			random: () => random.unit(),
			nextToken: () => (this.#lastToken = Math.max(this.#lastToken + 1, timers.now() + random.unit()))
		});
		attempts.set(peer, { attempt, connection });
		return attempt;
	}
}

interface ConnectionEvents {
	readonly publish: (saying: Saying) => void;
	readonly said: (signal: Signal) => void;
	readonly over: () => void;
	/** What the other side has for us now. */
	readonly other: () => SimulatedConnection | null;
}

class SimulatedConnection implements Connection {
	up = false;
	remote: string | null = null;
	readonly #timers: Timers;
	#state: 'connecting' | 'up' | 'over' = 'connecting';
	#own: { readonly type: 'offer' | 'answer'; readonly identity: string; candidates: number } | null = null;
	#remoteCandidates = false;
	#early: Signal[] = [];
	#cancelDeadline: () => void;

	constructor(
		readonly room: LossyRoom,
		as: 'offerer' | 'answerer',
		readonly events: ConnectionEvents
	) {
		this.#timers = room.timers;
		if (as === 'offerer') this.#describe('offer');
		this.#cancelDeadline = this.#deadline(true);
	}

	get connecting(): boolean {
		return this.#state === 'connecting';
	}

	get own(): Description | null {
		if (this.#own === null) return null;
		const { type, identity, candidates } = this.#own;
		const lines = [`a=ice-ufrag:${identity}`, 'a=ice-pwd:p', 'a=mid:0'];
		for (let i = 0; i < candidates; i++) lines.push(`a=candidate:${i} of ${identity}`);
		return { type, sdp: lines.join('\r\n') };
	}

	take(signal: Signal): void {
		if (this.#state !== 'connecting') return;
		if (signal.type === 'candidate') {
			if (this.remote === null) this.#early.push(signal);
			else if (signal.candidate.candidate.endsWith(`of ${this.remote}`)) this.#heardCandidate();
			return;
		}
		if (signal.type === 'answer' && (this.#own?.type !== 'offer' || this.remote !== null)) return;
		this.remote = descriptionIdentity(signal)?.split(' ')[0] ?? null;
		if (candidatesOf(signal).length > 0) this.#remoteCandidates = true;
		if (signal.type === 'offer') {
			this.#own = null;
			this.#describe('answer');
		}
		for (const early of this.#early.splice(0)) this.take(early);
		this.#check();
	}

	publish(saying: Saying): void {
		if (this.#state !== 'over') this.events.publish(saying);
	}

	probe(): void {
		if (this.#state !== 'up') return;
		// The answer, or the short deadline.
		if (this.events.other()?.up !== true) this.#timers.after(3_000, () => this.#end());
	}

	drop(gone: () => void): void {
		this.#end();
		gone();
	}

	#describe(type: 'offer' | 'answer'): void {
		const identity = `u${++this.room.identities}`;
		this.#timers.after(this.room.within(5, 60), () => {
			// An offer that came in between has won.
			if (this.#state !== 'connecting' || (type === 'offer' && this.remote !== null)) return;
			const own = (this.#own = { type, identity, candidates: 0 });
			this.#say();
			for (const lateMs of [this.room.within(1, 20), this.room.within(5, 150)])
				this.#timers.after(lateMs, () => {
					if (this.#own !== own || this.#state !== 'connecting') return;
					const candidate = `candidate:${own.candidates++} of ${identity}`;
					this.events.said({ type: 'candidate', candidate: { candidate } });
				});
			this.#check();
		});
	}

	#say(): void {
		if (this.own !== null) this.events.said(this.own);
	}

	#heardCandidate(): void {
		this.#remoteCandidates = true;
		this.#check();
	}

	/** Each side's description at the other, and one way between them known to one of the two. */
	#check(): void {
		const other = this.events.other();
		if (other === null || !this.#fits(other) || !other.#fits(this)) return;
		if (!this.#remoteCandidates && !other.#remoteCandidates) return;
		const begun = [this.#own, other.#own];
		this.#timers.after(this.room.within(50, 300), () => {
			if (this.#state !== 'connecting' || other.#state !== 'connecting') return;
			if (this.#own === begun[0] && other.#own === begun[1]) for (const side of [this, other]) side.#open();
		});
	}

	#fits(other: SimulatedConnection): boolean {
		return this.#state === 'connecting' && this.#own !== null && this.#own.identity === other.remote;
	}

	#open(): void {
		this.#cancelDeadline();
		this.#state = 'up';
		this.up = true;
	}

	#deadline(first: boolean): () => void {
		return this.#timers.after(connectMs * this.room.within(0.8, 1.2), () => {
			if (this.#state !== 'connecting') return;
			if (first && this.remote !== null && this.#own !== null) this.#cancelDeadline = this.#deadline(false);
			else this.#end();
		});
	}

	#end(): void {
		if (this.#state === 'over') return;
		this.#cancelDeadline();
		this.#state = 'over';
		this.up = false;
		this.events.over();
	}
}
