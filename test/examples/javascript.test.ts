/** The examples whose portal is of `tidemark/testing`. */
import { example } from './example.ts';

const breaking = { file: 'src/client.js', from: 'const TRIES = 4', to: 'const TRIES = 1' };

example({ name: 'node-test', breaking, notices: /✖ it tries again/ });
example({ name: 'jest', breaking, notices: /✕ it tries again/ });
example({ name: 'vitest', breaking: { file: 'src/connect.ts', from: 'const TRIES = 3', to: 'const TRIES = 1' }, notices: /× it tries again/ });
