/**
 * The timer of a conversation of the model: settings that its devices make and hear of at different times. Who may is
 * worked out by the app's own fold, over a group on paper with an owner, a moderator, and members.
 */
import { foldAuthority, type Authority, type ControlEntry } from '../../../src/lib/conversation/authority';
import { idOf, makeModerator, setTimer } from '../../../src/lib/conversation/group-acts';
import { noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { GroupTable, type TablePerson } from '../../unit/conversation/group-table';
import type { SeededRandom } from '../seeded-random';
import type { ModelReplica } from './model-replica';

export class ModelTimers {
	readonly settings: ControlEntry[] = [];
	readonly #room = new GroupTable();
	readonly #beginning: readonly ControlEntry[];
	readonly #personByReplica = new Map<ModelReplica, TablePerson>();
	readonly #heard = new Map<ModelReplica, Set<ControlEntry>>();
	readonly #known = new Map<ModelReplica, { readonly heard: number; readonly timer: Authority['timer'] }>();

	constructor(replicas: readonly ModelReplica[]) {
		const room = this.#room;
		const key = room.invite(room.owner, room.conversation);
		const personByAccount = new Map<string, TablePerson>();
		for (const replica of replicas) {
			const { id } = replica.account;
			const known = personByAccount.get(id);
			if (known === undefined) {
				const person = personByAccount.size === 0 ? room.owner : room.join(id, key);
				personByAccount.set(id, person);
				this.#personByReplica.set(replica, person);
				continue;
			}
			const device = { ...known, lane: room.random.below(2 ** 31) };
			room.certify(device);
			this.#personByReplica.set(replica, device);
		}
		const [, second] = personByAccount.values();
		if (second !== undefined)
			room.act(room.owner, makeModerator(room.authority, room.actor(room.owner), second.account));
		this.#beginning = [...room.entries];
	}

	/** As far as this device knows it. */
	timer(replica: ModelReplica): Authority['timer'] {
		const heard = this.#heardBy(replica);
		const known = this.#known.get(replica);
		if (known?.heard === heard.size) return known.timer;
		const folded = this.#fold(heard);
		const [latest] = [...folded.changes].sort((a, b) => b.hlc - a.hlc || (a.id < b.id ? 1 : -1));
		const timer =
			replica.broken === 'latest-clock' && latest !== undefined
				? { ...folded, afterS: latest.afterS }
				: folded;
		this.#known.set(replica, { heard: heard.size, timer });
		return timer;
	}

	/** What all settings come to. */
	get all(): Authority['timer'] {
		return this.#fold(new Set(this.settings));
	}

	/** As the app lets this person do it. @returns whether it does */
	set(replica: ModelReplica, afterS: number): boolean {
		const person = this.#personByReplica.get(replica);
		if (person === undefined) return false;
		const room = this.#room;
		const authority = foldAuthority(room.conversation, this.#entries(this.#heardBy(replica)));
		const act = setTimer(authority, room.actor(person), afterS);
		if (!act.ok) return false;
		for (const record of act.value) this.#say(replica, person, record);
		return true;
	}

	/** Somebody sets it with a right that they claim, whatever theirs is. */
	claim(replica: ModelReplica, afterS: number, random: SeededRandom): void {
		const person = this.#personByReplica.get(replica);
		if (person === undefined) return;
		const rights = this.#beginning.flatMap(({ id, record }) => (record.type === 'role' ? [idOf(id)] : []));
		const auth = random.pick([noAuthority, this.#room.conversation, ...rights]);
		const replaces = this.timer(replica).standing.slice(0, 8).map(idOf);
		this.#say(replica, person, { type: 'timer', auth, afterS, replaces });
	}

	/** What one device has heard another hears, some of it, each lane in its order. @param share of the lanes */
	deliver(from: ModelReplica, to: ModelReplica, share: number, random: SeededRandom): void {
		const heard = this.#heardBy(to);
		const held = new Set<number>();
		for (const entry of this.#heardBy(from)) {
			if (heard.has(entry) || held.has(entry.lane)) continue;
			if (random.chance(share)) heard.add(entry);
			else held.add(entry.lane);
		}
	}

	#say(replica: ModelReplica, person: TablePerson, record: KnownRecord): void {
		const entry = { ...this.#room.say(person, record), hlc: replica.clock.tick() };
		this.settings.push(entry);
		this.#heardBy(replica).add(entry);
	}

	#heardBy(replica: ModelReplica): Set<ControlEntry> {
		const heard = this.#heard.get(replica) ?? new Set();
		this.#heard.set(replica, heard);
		return heard;
	}

	#fold(heard: ReadonlySet<ControlEntry>): Authority['timer'] {
		return foldAuthority(this.#room.conversation, this.#entries(heard)).timer;
	}

	#entries(heard: ReadonlySet<ControlEntry>): ControlEntry[] {
		return [...this.#beginning, ...heard];
	}
}
