import { lane } from './test/support/lane.ts';

const onPostgres = process.env['TIDEMARK_TEST_DATABASE_URL'] ? ['test/postgres/**/*.test.ts'] : [];

export default lane(['test/{unit,store,http,model,compat,cli}/**/*.test.ts', ...onPostgres], { maxWorkers: 3 });
