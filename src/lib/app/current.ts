/** The one app of this page. */
import type { App } from './contract';
import { SkeinApp } from './skein-app.svelte';

let current: App | null = null;

/** Makes it when it is first asked for; browser only. */
export function getApp(): App {
	current ??= new SkeinApp();
	return current;
}
