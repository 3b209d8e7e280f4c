import { lane } from './test/support/lane.ts';

const BOTH = 'test/{store,http,model,compat,cli}/**/*.test.ts';
/** What concerns one engine, or none. */
const OWN = process.env['TIDEMARK_TEST_DATABASE_URL'] ? 'test/postgres/**/*.test.ts' : 'test/unit/**/*.test.ts';

export default lane([BOTH, OWN], { maxWorkers: 3, isolate: false });
