import { describe, test } from 'vitest';
import { memoryStore } from './memory-store';
import { storeCases } from './store-cases';

describe('a store in memory', () => {
	test.each(storeCases)('$name', async ({ run }) => {
		const store = memoryStore();
		await store.open();
		try {
			await run(store);
		} finally {
			await store.close();
		}
	});
});
