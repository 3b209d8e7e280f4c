import { lane } from '../support/lane.ts';

export default lane(['test/fuzz/**/*.test.ts'], { testTimeout: 900_000, hookTimeout: 300_000, fileParallelism: false });
