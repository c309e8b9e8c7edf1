/** The page that `npm run bench -- search` drives: one engine in each. */
import { scanFor } from '../../unit/store/linear-scan';
import { engines, type Engine, type EngineName } from './engines';
import { History } from './history';

export interface Answer {
	readonly tookMs: number;
	/** Numbers of messages, newest first. */
	readonly found: readonly number[];
}

const batchMessages = 1000;
let engine: Engine | null = null;
let history = new History(0);

function current(): Engine {
	if (engine === null) throw new Error('no engine has been chosen');
	return engine;
}

const search = {
	/** @returns how long it took until it could be asked, in ms */
	async open(name: EngineName, size: number): Promise<number> {
		history = new History(size);
		const startMs = performance.now();
		engine = engines[name]();
		await engine.open();
		return performance.now() - startMs;
	},
	/** Puts the history in. @returns how long the engine took, without the making of texts, in ms */
	async fill(): Promise<number> {
		let tookMs = 0;
		for (let newest = history.size - 1; newest >= 0; newest -= batchMessages) {
			const count = Math.min(batchMessages, newest + 1);
			const texts = Array.from({ length: count }, (_, at) => history.text(newest - at));
			const startMs = performance.now();
			await current().add(newest, texts);
			tookMs += performance.now() - startMs;
		}
		const startMs = performance.now();
		await current().finish();
		return tookMs + performance.now() - startMs;
	},
	async ask(query: string, limit: number): Promise<Answer> {
		const startMs = performance.now();
		const found = await current().find(query, limit);
		return { tookMs: performance.now() - startMs, found };
	},
	/** The newest `limit` hits by reading every text. */
	scan(query: string, limit: number): readonly number[] {
		const isHit = scanFor(query);
		const found: number[] = [];
		for (let number = history.size - 1; number >= 0 && found.length < limit; number--)
			if (isHit(history.text(number))) found.push(number);
		return found;
	},
	close: (): Promise<void> => current().close()
};

declare global {
	interface Window {
		search: typeof search;
	}
}
window.search = search;
