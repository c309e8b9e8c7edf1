import { beforeEach, describe, expect, it } from 'vitest';
import { defaultLinkTiming } from '../../../src/lib/link/limits';
import { Liveness } from '../../../src/lib/link/liveness';
import { ManualTimers } from './manual-timers';

let timers: ManualTimers;
let liveness: Liveness;
let pings: number;
let silences: number;

beforeEach(() => {
	timers = new ManualTimers();
	pings = silences = 0;
	liveness = new Liveness({
		timers,
		random: () => 0.5,
		timing: defaultLinkTiming,
		ping: () => pings++,
		silent: () => silences++
	});
	liveness.start();
});

describe('liveness', () => {
	it('asks a quiet peer, and gives it up after half a minute, once', () => {
		timers.pass(29_999);
		expect([pings, silences]).toEqual([2, 0]);
		timers.pass(100_000);
		expect(silences).toBe(1);
		expect(timers.waiting).toBe(0);
	});

	it('does not ask a peer that speaks', () => {
		for (let second = 0; second < 120; second++) {
			timers.pass(1_000);
			liveness.heard();
		}
		expect([pings, silences]).toEqual([0, 0]);
	});

	it('keeps a peer that answers', () => {
		for (let round = 0; round < 20; round++) {
			const before = pings;
			while (pings === before) timers.pass(1_000);
			liveness.heard();
		}
		expect(silences).toBe(0);
	});

	it('gives a doubtful peer the short deadline, and one question', () => {
		liveness.probe();
		liveness.probe();
		expect(pings).toBe(1);
		timers.pass(2_999);
		expect(silences).toBe(0);
		timers.pass(1);
		expect(silences).toBe(1);
	});

	it('trusts a doubtful peer that answers', () => {
		liveness.probe();
		timers.pass(1_000);
		liveness.heard();
		timers.pass(5_000);
		expect(silences).toBe(0);
	});

	it('does not blame the peer for our own sleep, but asks at once', () => {
		timers.sleep(3_600_000);
		expect([pings, silences]).toEqual([1, 0]);
		timers.pass(3_000);
		expect(silences).toBe(1);
	});

	it('leaves no timer behind', () => {
		liveness.probe();
		liveness.stop();
		expect(timers.waiting).toBe(0);
	});
});
