/**
 * How many cases a test tries that could try any number of them.
 * @param usual unless the variable PROPERTY_RUNS names another number: fewer for mutation testing, more for a long run
 */
export const propertyRuns = (usual: number): number => Number(process.env.PROPERTY_RUNS ?? usual);
