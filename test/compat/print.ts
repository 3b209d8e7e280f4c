/** Makes docs/compatibility.md: `node test/compat/print.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clients } from './clients.ts';
import { areas } from './departures.ts';
import { matrix, type MatrixRow, type Status } from './matrix.ts';

export const COMPATIBILITY_PAGE = join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md');

/** The text of docs/compatibility.md. */
export function compatibilityPage(): string {
  return [
    '# Compatibility',
    '<!-- Made by `node test/compat/print.ts` from test/compat/matrix.ts and departures.ts: change those. -->',
    `Of ${matrix.length} methods ${count('done')} are done, ${count('partial')} in part and ${count('planned')} planned. Unknown methods are answered with`
      + ' 404 `ERROR_METHOD_NOT_FOUND`. Every error that a method declares is provoked in `test/http/errors.test.ts`, every parameter is given'
      + ' bad values in `test/http/bad-input.test.ts`.',
    '## Methods',
    table(['Method', 'Status', 'What is missing', 'Documented on the page', 'Tests'], matrix.map(methodCells)),
    '## Clients',
    'Run by `npm run compat` and in the browser lane. How to point each here: [Pointing a client here](clients.md).',
    table(['Client', 'Proved by', 'Needs'], clients.map(({ client, proof, needs }) => [client, proof, needs])),
    '## Where we differ',
    'On purpose, or where sources disagree or are silent. "They" is the public documentation, or what clients observe.',
    ...areas.flatMap(({ name, departures }) => [
      `### ${name}`,
      table(['They', 'We', 'Why'], departures.map(({ they, we, why }) => [they, we, why])),
    ]),
  ].join('\n\n').concat('\n');
}

function count(status: Status): number {
  return matrix.filter((row) => row.status === status).length;
}

function methodCells({ method, status, note = '', source, tests }: MatrixRow): string[] {
  const links = tests.map((path) => `[${path.replace(/^test\/\w+\/|\.test\.ts$/g, '')}](../${path})`);
  return [`\`${method}\``, status, note, source, links.join(', ')];
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) writeFileSync(COMPATIBILITY_PAGE, compatibilityPage());
