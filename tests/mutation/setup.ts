/** A mutant is killed by what it does, and not by luck: the same few cases each time. */
import fc from 'fast-check';
import { propertyRuns } from '../property-runs';

fc.configureGlobal({ numRuns: propertyRuns(100), seed: 1 });
