import { createSubscriber } from 'svelte/reactivity';
import { startOfDay } from './time';

const watchDay = createSubscriber((update) => {
	let day = startOfDay(Date.now());
	let timer: ReturnType<typeof setTimeout> | undefined;
	const look = (): void => {
		const today = startOfDay(Date.now());
		if (today !== day) update();
		day = today;
		clearTimeout(timer);
		const tomorrow = new Date(today);
		tomorrow.setDate(tomorrow.getDate() + 1);
		timer = setTimeout(look, tomorrow.getTime() - Date.now());
	};
	look();
	// A page that slept over midnight has slept through its timers too.
	document.addEventListener('visibilitychange', look);
	return () => {
		clearTimeout(timer);
		document.removeEventListener('visibilitychange', look);
	};
});

/** Milliseconds since 1970, for words such as "Today": what shows it is drawn again when the day is another one. */
export function nowOfDay(): number {
	watchDay();
	return Date.now();
}
