import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameLimitGraphemes, soundName } from '../../../src/lib/identity/account';
import { nameLimitBytes } from '../../../src/lib/protocol/text-limits';

describe('names', () => {
	it('are trimmed, normalised and freed of control characters', () => {
		expect(soundName('  Ana\u0000\n Mari\u0301a ')).toEqual({ ok: true, value: 'Ana Mar\u00eda' });
	});

	it('are refused when nothing or too much is left', () => {
		expect(soundName(' \t\n ')).toEqual({ ok: false, reason: 'name-empty' });
		expect(soundName('x'.repeat(10_000))).toEqual({ ok: false, reason: 'name-too-long' });
		expect(soundName('x'.repeat(nameLimitGraphemes + 1))).toEqual({ ok: false, reason: 'name-too-long' });
		expect(soundName('x'.repeat(nameLimitGraphemes)).ok).toBe(true);
		expect(soundName('👩‍👩‍👧‍👦'.repeat(12))).toEqual({ ok: false, reason: 'name-too-long' });
	});

	it('fit into a profile record, whatever was typed', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (typed) => {
				const name = soundName(typed);
				if (name.ok) expect(new TextEncoder().encode(name.value).length).toBeLessThanOrEqual(nameLimitBytes);
			})
		);
	});
});
