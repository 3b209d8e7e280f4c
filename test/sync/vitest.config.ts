import { lane } from '../support/lane.ts';

export default lane(['test/sync/**/*.test.ts'], { testTimeout: 600_000, fileParallelism: false });
