import type { App } from '$lib/app/contract';
import { unreadTotal } from './unread';

/** The browser's title: what waits to be read (all conversations that are not muted), where one is, and the app. */
export function pageTitle(place: string | null, { conversations, marks }: App): string {
	const unread = unreadTotal(conversations, marks);
	return `${unread > 0 ? `(${unread}) ` : ''}${place ? `${place} – ` : ''}Skein`;
}
