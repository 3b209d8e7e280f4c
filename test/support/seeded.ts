/** Before the tests of each file: what property tests draw by. See `lane.ts`. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['TIDEMARK_TEST_SEED']) });
