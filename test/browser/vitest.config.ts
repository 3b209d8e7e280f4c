import { lane } from '../support/lane.ts';

/** Each file has a browser of its own, which mostly waits; what is loaded stays for the next file. */
export default lane(['test/browser/**/*.test.ts'], { maxWorkers: 2, isolate: false });
