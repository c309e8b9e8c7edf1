/**
 * The system's notifications, shown through the service worker's registration: they outlast a page that is frozen, and
 * a press comes back through the worker (src/service-worker.ts). There is one for each conversation, the newest.
 */
import { notificationPermission } from './notification-permission';

/** What a notification carries, and what the worker gives back when it is pressed. */
export interface NotificationData {
	/** Null: the page of requests. */
	readonly conversation: string | null;
}

/** What the worker gives a page that has asked for it. */
export interface NotificationPress extends NotificationData {
	readonly type: 'NOTIFICATION_PRESSED';
	/** What was written into the notification; null if it was only pressed. */
	readonly reply: string | null;
}

export interface SystemNotification extends NotificationData {
	readonly title: string;
	readonly body: string;
	/** Words of the reply field; null: there is to be none. */
	readonly reply: { readonly label: string; readonly placeholder: string } | null;
	/** The tone is the app's own. */
	readonly silent: boolean;
	readonly language: string;
	readonly direction: 'ltr' | 'rtl';
}

/** Chromium's, which the standard types lack. */
interface TextAction {
	readonly action: 'reply';
	readonly type: 'text';
	readonly title: string;
	readonly placeholder: string;
}

interface FullOptions extends NotificationOptions {
	readonly actions?: readonly TextAction[];
	readonly renotify: boolean;
}

/**
 * @returns whether it was shown: a browser may take its permission back at any time, and on the first visit there may be
 * no worker yet, without which many show none
 */
export async function showNotification(shown: SystemNotification): Promise<boolean> {
	if (notificationPermission() !== 'granted') return false;
	const registration = await navigator.serviceWorker.getRegistration();
	if (!registration?.active) return false;
	const { conversation, title, body, reply, silent, language, direction } = shown;
	const options: FullOptions = {
		body,
		tag: tagOf(conversation),
		renotify: true,
		silent,
		icon: '/icon-192.png',
		badge: '/icon-192.png',
		lang: language,
		dir: direction,
		data: { conversation } satisfies NotificationData,
		...(reply === null
			? {}
			: { actions: [{ action: 'reply', type: 'text', title: reply.label, placeholder: reply.placeholder }] })
	};
	try {
		await registration.showNotification(title, options);
		return true;
	} catch (error) {
		// What browsers throw when they will not show it after all.
		if (error instanceof TypeError) return false;
		throw error;
	}
}

/** Takes the notification of a conversation, or of requests, away: it has been read. */
export async function closeNotification(conversation: string | null): Promise<void> {
	if (notificationPermission() !== 'granted') return;
	const registration = await navigator.serviceWorker.getRegistration();
	const shown = (await registration?.getNotifications({ tag: tagOf(conversation) })) ?? [];
	for (const notification of shown) notification.close();
}

const tagOf = (conversation: string | null): string =>
	conversation === null ? 'requests' : `conversation ${conversation}`;

/**
 * The worker keeps what is pressed until it is asked for: now, for what was pressed while the page was loading, and
 * whenever it says that there is something.
 * @returns what ends it
 */
export function listenForPresses(pressed: (press: NotificationPress) => void): () => void {
	if (!('serviceWorker' in navigator)) return () => undefined;
	const { serviceWorker } = navigator;
	const listening = new AbortController();
	const ask = async (): Promise<void> => {
		const { active } = await serviceWorker.ready;
		if (!listening.signal.aborted) active?.postMessage({ type: 'NOTIFICATIONS_HEARD' });
	};
	const onMessage = ({ data }: MessageEvent<unknown>): void => {
		if (isPress(data)) pressed(data);
		else if (isWaiting(data)) void ask();
	};
	serviceWorker.addEventListener('message', onMessage, { signal: listening.signal });
	void ask();
	return () => listening.abort();
}

const isWaiting = (data: unknown): boolean =>
	typeof data === 'object' && data !== null && 'type' in data && data.type === 'NOTIFICATION_WAITS';

const isPress = (data: unknown): data is NotificationPress =>
	typeof data === 'object' &&
	data !== null &&
	'type' in data &&
	data.type === 'NOTIFICATION_PRESSED' &&
	'conversation' in data &&
	(data.conversation === null || typeof data.conversation === 'string') &&
	'reply' in data &&
	(data.reply === null || typeof data.reply === 'string');
