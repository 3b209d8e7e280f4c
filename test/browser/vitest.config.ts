import { lane } from '../support/lane.ts';

/** One file at a time: each has a browser of its own. */
export default lane(['test/browser/**/*.test.ts'], { fileParallelism: false });
