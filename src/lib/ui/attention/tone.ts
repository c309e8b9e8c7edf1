/** Two soft notes, a fifth apart: short enough not to disturb, and made here, so that nothing has to be fetched. */
const notesHz = [587.33, 880] as const;
const noteS = 0.11;
const fadeS = 0.28;
const loudness = 0.09;
/** A flood of messages is one call. */
const restMs = 2_000;

export interface Tone {
	/** Sounds at most every two seconds, and only once the person has touched the page, as browsers demand. */
	play(): void;
	/** Sounds whatever went before. */
	test(): void;
}

export function createTone(nowMs: () => number): Tone {
	let context: AudioContext | null = null;
	let playedAtMs = -Infinity;

	function sound(): void {
		if (!navigator.userActivation.hasBeenActive) return;
		context ??= new AudioContext();
		void context.resume();
		notesHz.forEach((frequencyHz, index) => ring(context!, frequencyHz, index * noteS));
		playedAtMs = nowMs();
	}

	return {
		play: () => {
			if (nowMs() - playedAtMs >= restMs) sound();
		},
		test: sound
	};
}

function ring(context: AudioContext, frequencyHz: number, afterS: number): void {
	const from = context.currentTime + afterS;
	const oscillator = new OscillatorNode(context, { type: 'sine', frequency: frequencyHz });
	const gain = new GainNode(context, { gain: 0 });
	gain.gain.setValueAtTime(0, from);
	gain.gain.linearRampToValueAtTime(loudness, from + 0.012);
	gain.gain.exponentialRampToValueAtTime(0.0001, from + fadeS);
	oscillator.connect(gain).connect(context.destination);
	oscillator.start(from);
	oscillator.stop(from + fadeS);
}
