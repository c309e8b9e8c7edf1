/**
 * When this account last said something about a message that takes the place of what it had said before, so that what a
 * fork has killed is not said again over something newer. Pins are everybody's.
 */
import type { ActContent } from '../ports';

export type SaidAct = ActContent & { readonly target: string };

export class LatestActs {
	readonly #hlcByKey = new Map<string, number>();

	/** @param account of this device */
	constructor(readonly account: string) {}

	/** An act that counts. */
	add(account: string, hlc: number, act: SaidAct): void {
		if (account !== this.account && act.kind !== 'pin') return;
		const key = keyOf(act);
		this.#hlcByKey.set(key, Math.max(hlc, this.#hlcByKey.get(key) ?? 0));
	}

	/** Whether an act of this account has been said, or something since that takes its place. */
	isOutdated(hlc: number, act: SaidAct): boolean {
		return (this.#hlcByKey.get(keyOf(act)) ?? -1) >= hlc;
	}
}

/** Acts with the same key take each other's place. */
function keyOf(act: SaidAct): string {
	const { kind, target } = act;
	return kind === 'reaction' ? `${kind}/${target}/${act.emoji}` : `${kind}/${target}`;
}
