import type { ProjectorEvents } from '../../../src/lib/app/projector';

/** Nobody is looking; a test takes what it wants to hear. */
export const noProjectorEvents: ProjectorEvents = {
	arrived: () => undefined,
	stored: () => undefined,
	touched: () => undefined,
	reworded: () => undefined,
	withdrawing: async () => undefined,
	withdrawn: () => undefined,
	described: () => undefined,
	listed: () => undefined
};
