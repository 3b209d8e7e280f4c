import { lane } from '../support/lane.ts';

/** Each file has a browser of its own, which mostly waits. */
export default lane(['test/browser/**/*.test.ts'], { maxWorkers: 2 });
