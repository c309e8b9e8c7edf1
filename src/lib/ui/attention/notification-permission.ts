/** Whether the system may be asked to show notifications: for who offers it, before anything of them is loaded. */

export type NotificationPermissionState = NotificationPermission | 'unsupported';

export const notificationPermission = (): NotificationPermissionState =>
	'Notification' in globalThis && 'serviceWorker' in navigator ? Notification.permission : 'unsupported';

/** Asks the person, by way of the browser. To be called from a press. */
export async function askForNotifications(): Promise<NotificationPermissionState> {
	return notificationPermission() === 'unsupported' ? 'unsupported' : Notification.requestPermission();
}
