/** How a benchmark speaks: progress on stderr, and one line of JSON on stdout as its last word. */
import { loadavg } from 'node:os';

export interface Report {
	readonly bench: string;
	/** What was done, in words, with the sizes. */
	readonly workload: string;
	/** Median unless the unit says otherwise. */
	readonly ours: number;
	/** Null where no peer was run beside it. */
	readonly peer: number | null;
	readonly peerName: string;
	/** Ours divided by the peer's; null where there is none. */
	readonly ratio: number | null;
	readonly target: string;
	readonly unit: string;
	readonly [more: string]: unknown;
}

export function progress(text: string): void {
	process.stderr.write(`${text}\n`);
}

/** Prints the result, with the load of the machine: two busy cores tell another story than two idle ones. */
export function report(result: Report): void {
	const load = loadavg().map((average) => Number(average.toFixed(2)));
	process.stdout.write(`${JSON.stringify({ ...result, load, atDate: new Date().toISOString() })}\n`);
}

export interface BenchArguments {
	/** A smoke test: few runs, small sizes. */
	readonly quick: boolean;
	/** Value of `--name=value`, if it was given. */
	option(name: string): string | undefined;
}

/** Reads `--quick` and `--name=value`. */
export function benchArguments(args: readonly string[] = process.argv.slice(2)): BenchArguments {
	return {
		quick: args.includes('--quick'),
		option: (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
	};
}
