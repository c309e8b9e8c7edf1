import { createContext } from 'svelte';
import type { App } from '$lib/app/contract';
import type { Notices } from './shell/notices.svelte';
import type { Preferences } from './preferences.svelte';
import type { ReadingPlaces } from './timeline/reading-places';

/** What every component may reach without it being handed down: set once, in the root layout. */
export interface Screen {
	readonly app: App;
	readonly notices: Notices;
	readonly preferences: Preferences;
	readonly places: ReadingPlaces;
}

export const [useScreen, provideScreen] = createContext<Screen>();
