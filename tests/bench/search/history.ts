/**
 * A history to search in, and what is asked of it. Pure: message `index` has the same text in every page, whoever makes
 * it. Words as in any language, few of them common and most of them rare (Zipf), with accents in some messages and
 * Chinese or Japanese in others.
 */
import { SeededRandom } from '../../simulation/seeded-random';

const vocabularySize = 30_000;
const letters = 'etaoinshrdlucmfwypvbgk';
/** All of them letters with a mark that can be left out. */
const accented =
	'café naïve über schön für hôtel garçon élève où más mañana señor ação não coração şimdi çok için řeka žena město één øvrigt får før día jamón Ångström Zoë Noël piñata crème brûlée déjà façade rôle Żaneta mieć'
		.split(' ')
		.filter((word) => !word.includes('ø'));
const eastern =
	'的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两長東京駅明今昨雨語電車話のをにはがでとしれさるいます';
const medianWords = 7;
const mostWords = 400;
const wordsSpread = 0.95;

export const kinds = [
	'rare word',
	'1 to 3 letters',
	'4 to 7 letters',
	'common word',
	'several words',
	'accents',
	'Chinese or Japanese'
] as const;
export type Kind = (typeof kinds)[number];

export interface Asked {
	readonly kind: Kind;
	readonly text: string;
}

export class History {
	readonly #vocabulary: readonly string[];

	constructor(readonly size: number) {
		const random = new SeededRandom(1);
		const words = new Set<string>();
		// Common words are short: those of a length come when there are no more shorter ones to be had.
		while (words.size < vocabularySize) {
			const length = 2 + Math.floor(Math.log2(1 + words.size / 40)) + random.below(4);
			words.add(Array.from({ length }, () => letters.charAt(skewed(random, letters.length))).join(''));
		}
		this.#vocabulary = [...words];
	}

	/** @param index 0 is the oldest */
	text(index: number): string {
		const random = new SeededRandom(index + 7_000_003);
		const count = Math.max(
			1,
			Math.min(mostWords, Math.round(medianWords * Math.exp(wordsSpread * random.normal())))
		);
		const words = Array.from({ length: count }, () => this.#word(random));
		if (random.chance(0.1)) words[random.below(count)] = random.pick(accented);
		if (random.chance(0.1)) words[random.below(count)] = this.#run(random, 2 + random.below(9));
		return words.join(' ');
	}

	/** So many queries of each kind, the kinds taking turns. Each has been said somewhere. */
	queries(perKind: number): Asked[] {
		const random = new SeededRandom(2);
		return Array.from({ length: perKind }, () =>
			kinds.map((kind) => ({ kind, text: this.#query(kind, random) }))
		).flat();
	}

	#query(kind: Kind, random: SeededRandom): string {
		const word = (): string => this.#word(random);
		switch (kind) {
			case 'rare word':
				return this.#vocabulary[vocabularySize - 1 - random.below(5_000)] ?? '';
			case '1 to 3 letters':
				return word().slice(0, 1 + random.below(3));
			case '4 to 7 letters':
				return this.#said(random, /[a-z]{4,}/).slice(0, 4 + random.below(4));
			case 'common word':
				return this.#vocabulary[random.below(20)] ?? '';
			case 'several words': {
				const said = this.text(random.below(this.size)).match(/[a-z]+/g) ?? [];
				return random.chance(0.5) || said.length < 2
					? `${word()} ${word()}`
					: random.shuffled(said).slice(0, 3).join(' ');
			}
			case 'accents': {
				const said = random.pick(accented);
				return random.chance(0.5) ? said : said.normalize('NFD').replace(/\p{M}/gu, '');
			}
			case 'Chinese or Japanese': {
				const run = this.#said(random, new RegExp(`[${eastern}]{3,}`));
				const start = random.below(run.length - 2);
				return run.slice(start, start + 2 + random.below(2));
			}
		}
	}

	/** Something that looks like this, from any message that has it. */
	#said(random: SeededRandom, like: RegExp): string {
		for (;;) {
			const found = like.exec(this.text(random.below(this.size)));
			if (found !== null) return found[0];
		}
	}

	#word(random: SeededRandom): string {
		const rank = Math.floor(Math.exp(random.unit() * Math.log(vocabularySize)));
		return this.#vocabulary[rank - 1] ?? '';
	}

	#run(random: SeededRandom, length: number): string {
		return Array.from({ length }, () => eastern.charAt(skewed(random, eastern.length))).join('');
	}
}

/** In [0, limit), small numbers more often. */
const skewed = (random: SeededRandom, limit: number): number =>
	Math.floor(random.unit() * random.unit() * limit);
