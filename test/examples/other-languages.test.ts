/** The examples that start the server by its command. */
import { dirname } from 'node:path';
import { needGo, needPhpunit, needPython } from '../clients/tools.ts';
import { example } from './example.ts';

example({
  name: 'pytest', need: async () => [dirname(await needPython('pytest'))],
  breaking: { file: 'src/digest.py', from: 'TRIES = 4', to: 'TRIES = 1' }, notices: /FAILED .*tries_again/,
});
example({
  name: 'phpunit', need: async () => (await needPhpunit(), []),
  breaking: { file: 'src/Portal.php', from: 'const TRIES = 4', to: 'const TRIES = 1' }, notices: /\d\) .*TriesAgain/,
});
example({
  name: 'go', need: async () => [await needGo()],
  breaking: { file: 'portal.go', from: 'const tries = 4', to: 'const tries = 1' }, notices: /--- FAIL: .*tries_again/,
});
