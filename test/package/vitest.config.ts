import { lane } from '../support/lane.ts';

/** One file at a time: what is built lies in one place. */
export default lane(['test/package/**/*.test.ts'], {
  testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false, globalSetup: [`${import.meta.dirname}/packing.ts`],
});
