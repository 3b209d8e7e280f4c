import { lane } from '../support/lane.ts';

export default lane(['test/operations/**/*.test.ts'], { testTimeout: 120_000, hookTimeout: 120_000 });
