/** Imports point downwards only: rest knows no chats, messenger no HTTP and no SQL, db no rules. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '..', '..', 'src');

const MESSENGER = ['base', 'db', 'portal', 'messenger', 'messenger/access', 'messenger/views', 'messenger/posting'];

/**
 * What each folder may import from besides itself: of the folders of the messenger each is named, and `messenger` means the
 * files right in it. Files at the top, and the commands, may import anything.
 */
const ALLOWED: Record<string, readonly string[]> = {
  base: [],
  db: ['base'],
  rest: ['base'],
  nodes: ['base', 'db', 'rest', 'identity'],
  portal: ['base', 'db', 'rest', 'identity', 'messenger', 'messenger/people', 'config.ts'],
  demo: ['base', 'db', 'portal', 'messenger', 'messenger/*'],
  identity: ['base', 'db', 'portal', 'rest', 'messenger', 'messenger/posting'],
  messenger: ['base', 'db', 'portal', 'messenger/posting'],
  'messenger/access': ['db'],
  'messenger/views': [...MESSENGER, 'messenger/people'],
  'messenger/posting': MESSENGER,
  'messenger/chats': MESSENGER,
  'messenger/messages': [...MESSENGER, 'messenger/chats'],
  'messenger/people': MESSENGER,
  'messenger/reading': MESSENGER,
  'messenger/recent': [...MESSENGER, 'messenger/reading'],
  delivery: ['base', 'db', 'portal', 'identity', 'oauth', 'rest', 'messenger', 'messenger/access', 'messenger/views', 'messenger/posting'],
  oauth: ['base', 'db', 'portal', 'identity', 'rest', 'messenger'],
  methods: ['rest', 'db', 'portal', 'identity', 'messenger', 'messenger/*', 'delivery'],
  reference: ['base', 'rest'],
};
const ENGINE_FILES = /^db\/engines\//;

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
    const allowed = ALLOWED[folderOf(from)];
    if (!allowed || !to.endsWith('.ts')) return false;
    const target = folderOf(to) || to;
    const anyInner = `${target.split('/')[0]}/*`;
    return target !== folderOf(from) && !allowed.includes(target) && !(target.includes('/') && allowed.includes(anyInner));
  });
  expect(wrong).toEqual([]);
});

/** Empty for files at the top. */
function folderOf(file: string): string {
  const parts = file.split('/').slice(0, -1);
  return parts.slice(0, parts[0] === 'messenger' ? 2 : 1).join('/');
}

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
