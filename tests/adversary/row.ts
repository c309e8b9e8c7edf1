/** One bad input: what it is, what has to come of it, and what shows on the real parts that it does. */
interface RowText {
	/** 1 – 45; several rows of one number are parts of it. */
	readonly no: number;
	readonly input: string;
	/** In the words of docs/adversary.md. */
	readonly outcome: string;
}

export interface TestedRow extends RowText {
	/** Throws if anything else comes of it. */
	readonly run: () => void | Promise<void>;
	readonly todo?: undefined;
	readonly browser?: undefined;
}

/** A test of the browser's, among those that `npm run test:e2e` runs. */
export interface BrowserTest {
	/** From the root of the repository. */
	readonly spec: string;
	/** As it stands in the spec, between its quotes or backticks. */
	readonly title: string;
}

/** What only a browser can show. That the tests are there is looked at here; that they pass, when they are run. */
export interface BrowserRow extends RowText {
	readonly browser: readonly BrowserTest[];
	readonly run?: undefined;
	readonly todo?: undefined;
}

/** Nothing to test yet, and not counted as passed. */
export interface OpenRow extends RowText {
	/** The part of Skein that is still to come, or what is missing in one that is there. */
	readonly todo: string;
	readonly browser?: undefined;
}

export type Row = TestedRow | BrowserRow | OpenRow;
