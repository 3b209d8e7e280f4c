import { lane } from '../support/lane.ts';

/** One file at a time: each client is timed by the retries that it makes of its own accord. */
export default lane(['test/clients/**/*.test.ts'], { testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false });
