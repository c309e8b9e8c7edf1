import { describe, test } from 'vitest';
import { allCases } from './all-cases';
import { memoryStore } from './memory-store';

describe('a store in memory', () => {
	test.each(allCases)('$name', async ({ run }) => {
		const store = memoryStore();
		await store.open();
		try {
			await run(store);
		} finally {
			await store.close();
		}
	});
});
