import { dev } from '$app/environment';
import { trustedScript } from '$lib/store/trusted-script';

/** Keeps the installed app up to date: a new version waits until the person agrees to a reload. */
const checkEveryMs = 60 * 60_000;

export class AppUpdate {
	ready = $state(false);
	#registration: ServiceWorkerRegistration | null = null;

	/** Registers the service worker, where there are any. @param failed tells why there is none */
	async start(failed: (reason: string) => void): Promise<void> {
		if (!('serviceWorker' in navigator)) return failed('no service workers here');
		try {
			const registration = await navigator.serviceWorker.register(trustedScript('/service-worker.js'), {
				// Bundled into one classic script; only the development server serves it in modules.
				type: dev ? 'module' : 'classic'
			});
			this.#registration = registration;
			this.#look(registration);
			registration.addEventListener('updatefound', () => this.#follow(registration));
			document.addEventListener('visibilitychange', () => {
				if (document.visibilityState === 'visible') void this.#check(failed);
			});
			setInterval(() => void this.#check(failed), checkEveryMs);
		} catch (error) {
			failed(String(error));
		}
	}

	/** Lets the waiting version take over, and reloads when it has. */
	apply(): void {
		navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
		this.#registration?.waiting?.postMessage({ type: 'SKIP_WAITING' });
	}

	async #check(failed: (reason: string) => void): Promise<void> {
		try {
			await this.#registration?.update();
		} catch (error) {
			// Offline, most likely; the next check comes by itself.
			failed(`no update check: ${String(error)}`);
		}
	}

	#look(registration: ServiceWorkerRegistration): void {
		this.ready = registration.waiting !== null && navigator.serviceWorker.controller !== null;
	}

	#follow(registration: ServiceWorkerRegistration): void {
		registration.installing?.addEventListener('statechange', () => this.#look(registration));
	}
}
