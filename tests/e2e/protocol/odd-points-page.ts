/** Runs in the browser: our verdicts on odd points by its engine. */
import { oddPointCount, otherwiseJudged } from '../../adversary/odd-points';

const oddPoints = { count: oddPointCount, otherwiseJudged: () => otherwiseJudged(crypto.subtle) };

declare global {
	interface Window {
		oddPoints: typeof oddPoints;
	}
}

window.oddPoints = oddPoints;
