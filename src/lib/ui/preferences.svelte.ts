/**
 * How this person likes the screens: kept in this browser, never sent anywhere. A browser that keeps nothing
 * (private mode, blocked site data) gets the defaults, and the choice lasts as long as the page.
 */
export type Theme = 'system' | 'light' | 'dark';

export const listWidthMinPx = 240;
export const listWidthMaxPx = 480;
export const listWidthDefaultPx = 320;

const themeKey = 'skein-theme';
const listWidthKey = 'skein-list-width';

/**
 * How this person wants to be told of messages. `notify`: by the system, where the browser lets us; `preview`: with what
 * was said; `sound`: with a tone; `asked`: they have been asked whether they want it, and have answered.
 */
export const tellings = ['notify', 'preview', 'sound', 'asked'] as const;
export type Telling = (typeof tellings)[number];
const tellingDefaults: Record<Telling, boolean> = { notify: true, preview: true, sound: true, asked: false };
const tellingKey = (telling: Telling): string => `skein-${telling}`;

/** The two calls of Web Storage that are used; both may throw where site data is blocked. */
export interface KeyValueStorage {
	getItem(key: string): string | null;
	setItem(key: string, value: string): void;
}

export class Preferences {
	#storage: () => KeyValueStorage;
	#theme = $state<Theme>('system');
	#listWidthPx = $state(listWidthDefaultPx);
	#tells = $state({ ...tellingDefaults });

	/** `storage` is a function because a browser may already throw at the mention of `localStorage`. */
	constructor(storage: () => KeyValueStorage) {
		this.#storage = storage;
		const theme = this.#read(themeKey);
		if (theme === 'light' || theme === 'dark') this.#theme = theme;
		const width = Number(this.#read(listWidthKey) ?? Number.NaN);
		if (Number.isFinite(width)) this.#listWidthPx = clampListWidth(width);
		for (const telling of tellings) {
			const kept = this.#read(tellingKey(telling));
			if (kept !== null) this.#tells[telling] = kept === 'yes';
		}
	}

	get theme(): Theme {
		return this.#theme;
	}
	set theme(theme: Theme) {
		this.#theme = theme;
		this.#write(themeKey, theme);
	}

	/** Width of the conversation list on wide screens, in CSS pixels, within the limits above. */
	get listWidthPx(): number {
		return this.#listWidthPx;
	}
	set listWidthPx(width: number) {
		this.#listWidthPx = clampListWidth(width);
		this.#write(listWidthKey, String(this.#listWidthPx));
	}

	tells(telling: Telling): boolean {
		return this.#tells[telling];
	}

	setTells(telling: Telling, wanted: boolean): void {
		this.#tells[telling] = wanted;
		this.#write(tellingKey(telling), wanted ? 'yes' : 'no');
	}

	#read(key: string): string | null {
		try {
			return this.#storage().getItem(key);
		} catch {
			return null; // Blocked site data is a state of the browser, not a failure: the defaults hold.
		}
	}

	#write(key: string, value: string): void {
		try {
			this.#storage().setItem(key, value);
		} catch {
			return; // As above: the choice then lasts until the page closes.
		}
	}
}

function clampListWidth(width: number): number {
	return Math.round(Math.min(listWidthMaxPx, Math.max(listWidthMinPx, width)));
}
