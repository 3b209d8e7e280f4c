import { lane } from '../support/lane.ts';

/** The first file installs the store where it is missing. */
export default lane(['test/s3/**/*.test.ts'], { hookTimeout: 300_000, fileParallelism: false });
