import { lane } from '../support/lane.ts';

export default lane(['test/outage/**/*.test.ts'], { testTimeout: 300_000, fileParallelism: false });
