/**
 * What every Store has to do, as data: run against the in-memory driver in Node (store.test.ts) and against the worker
 * on OPFS in a browser (tests/e2e/store), which has no test runner inside.
 */
import { actCases } from './act-cases';
import { conversationCases } from './conversation-cases';
import { erasureCases } from './erasure-cases';
import { pageCases } from './page-cases';
import { searchCases } from './search-cases';
import type { StoreCase } from './store-case';
import { writeCases } from './write-cases';

export const allCases: readonly StoreCase[] = [
	...pageCases,
	...writeCases,
	...conversationCases,
	...searchCases,
	...actCases,
	...erasureCases
];
