import { lane } from '../support/lane.ts';

/** Two files at a time: each waits most for others. */
export default lane(['test/examples/**/*.test.ts'], {
  testTimeout: 120_000, hookTimeout: 300_000, maxWorkers: 2, globalSetup: [`${import.meta.dirname}/../package/packing.ts`],
});
