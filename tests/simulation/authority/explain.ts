/** Why a seed fails, for people: the smallest part of an attack that changes something, and what it changes. */
import { checkSeed, describe, historyOf, withSaid, type Failure } from './checks';
import { statementOf, type Said, type World } from './world';

function smallest(said: Said, changes: (part: Said) => boolean): Said {
	let part = said;
	for (let before = Infinity; before > part.control.length + part.messages.length;) {
		before = part.control.length + part.messages.length;
		for (const entry of part.control) {
			const less = { ...part, control: part.control.filter((each) => each !== entry) };
			if (changes(less)) part = less;
		}
		for (const message of part.messages) {
			const less = { ...part, messages: part.messages.filter((each) => each !== message) };
			if (changes(less)) part = less;
		}
	}
	return part;
}

function tell(world: World, entries: World['control']): string[] {
	return entries.map((entry) => {
		const lane = world.lanes.find(({ number }) => number === entry.lane);
		const { type, ...fields } = statementOf(entry);
		const shown = JSON.stringify({ ...fields, record: undefined, agreement: undefined });
		return `  ${entry.id} ${entry.lane}.${entry.clock} ${lane?.account ?? '?'}/${lane?.grant ?? '?'} ${type} ${shown}`;
	});
}

export function explain(seed: number): string {
	const lines: string[] = [];
	const world = historyOf(seed);
	lines.push(...tell(world, world.control));
	for (const failure of checkSeed(seed).failures) lines.push(...explainFailure(world, failure));
	return lines.join('\n');
}

function explainFailure(world: World, { violation, attacker, said, focus }: Failure): string[] {
	if (attacker === null || said === null) return [violation];
	const authority = world.fold();
	const before = describe(world, authority, focus);
	const changes = (part: Said): boolean => describe(world, withSaid(world, part), focus, part) !== before;
	const part = changes(said) ? smallest(said, changes) : said;
	return [
		`${violation} by ${attacker.account} with ${attacker.devices.map(({ name }) => name).join(' ')}`,
		...tell(world, [...part.control]),
		...part.messages.map(
			({ id, lane, clock, kind, target }) => `  ${id} ${lane.number}.${clock} ${kind} ${target}`
		),
		`before ${before}`,
		`after  ${describe(world, withSaid(world, part), focus, part)}`
	];
}
