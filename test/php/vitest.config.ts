import { lane } from '../support/lane.ts';

export default lane(['test/php/**/*.test.ts'], { testTimeout: 120_000 });
