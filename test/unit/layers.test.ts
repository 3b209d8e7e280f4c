/** Imports point downwards only: rest knows no chats, messenger no HTTP and no SQL, db no rules. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '..', '..', 'src');

/** What each folder may import from besides itself; files at the top may import anything. */
const ALLOWED: Record<string, readonly string[]> = {
  db: ['mutex.ts', 'outcome.ts', 'clock.ts', 'timeline.ts'],
  rest: ['turns.ts'],
  messenger: ['db', 'clock.ts', 'outcome.ts', 'timeline.ts', 'turns.ts'],
  portal: ['db', 'messenger', 'rest', 'clock.ts', 'config.ts', 'outcome.ts'],
  oauth: ['db', 'rest', 'portal', 'messenger', 'clock.ts', 'mutex.ts', 'html.ts'],
  push: ['db', 'messenger', 'portal', 'oauth', 'rest', 'clock.ts', 'mutex.ts'],
  methods: ['rest', 'messenger', 'db', 'portal', 'push'],
  docs: ['rest', 'html.ts', 'turns.ts'],
};
const ENGINE_FILES = /^db\/(sqlite|postgres|checkpoint|group-sync)/;

interface Import {
  from: string;
  to: string;
}

const files = globSync('**/*.ts', { cwd: src });
const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(src, from), 'utf8');
  return [...text.matchAll(/from '([^']+)'/g)].map(([, to = '']) => ({
    from,
    to: to.startsWith('.') ? relative(src, join(src, dirname(from), to)) : to,
  }));
});

test('folders import only what lies below them', () => {
  const wrong = imports.filter(({ from, to }) => {
    const folder = from.split('/')[0]!;
    const allowed = ALLOWED[folder];
    if (!allowed || !to.endsWith('.ts')) return false;
    const target = to.includes('/') ? to.split('/')[0]! : to;
    return target !== folder && !allowed.includes(target);
  });
  expect(wrong).toEqual([]);
});

test('who may do what and meet whom stands on the store alone', () => {
  const wrong = imports.filter(({ from, to }) => from.startsWith('messenger/access/') && !/^(?:messenger\/access|db)\//.test(to));
  expect(wrong).toEqual([]);
});

test('only the engine files know an engine', () => {
  const engines = imports.filter(({ from, to }) => ['node:sqlite', 'pg'].includes(to) && !ENGINE_FILES.test(from));
  expect(engines.map(({ from }) => from)).toEqual(['portal/folder.ts']);
});

test('the messenger builds no SQL and the transport knows no store', () => {
  const wrong = imports.filter(({ from, to }) => to === 'kysely' && !from.startsWith('db/'));
  expect(wrong).toEqual([]);
});

test('.env.example says what the server reads', async () => {
  const { envExample } = await import('../../src/config.ts');
  expect(readFileSync(join(src, '..', '.env.example'), 'utf8')).toBe(envExample());
});
