import { lane } from '../support/lane.ts';

export default lane(['test/cluster/**/*.test.ts'], { testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false });
