import { actCases } from './act-cases';
import { storeCases, type StoreCase } from './store-cases';

export const allCases: readonly StoreCase[] = [...storeCases, ...actCases];
