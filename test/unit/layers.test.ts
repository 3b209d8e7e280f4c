/** Imports point downwards only: rest knows no chats, messenger no HTTP and no SQL, db no rules. Nothing goes in circles. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '..', '..', 'src');

const VIEWING = ['base', 'db', 'messenger', 'messenger/access', 'messenger/views'];
const WRITING = [...VIEWING, 'messenger/posting'];

/**
 * What each folder may import from besides itself. Of the messenger and the delivery each inner folder is named; `messenger`
 * means the files right in it. Files at the top, and the commands, may import anything.
 */
const ALLOWED: Record<string, readonly string[]> = {
  base: [],
  blobs: ['base'],
  db: ['base'],
  rest: ['base'],
  nodes: ['base', 'db', 'rest', 'identity'],
  portal: ['base', 'db'],
  identity: ['base', 'db', 'portal'],
  messenger: ['base', 'db', 'portal'],
  'messenger/access': ['db'],
  'messenger/views': ['base', 'db', 'messenger/access'],
  'messenger/posting': VIEWING,
  'messenger/chats': WRITING,
  'messenger/files': [...WRITING, 'blobs'],
  'messenger/messages': WRITING,
  'messenger/notify': WRITING,
  'messenger/people': WRITING,
  'messenger/reading': WRITING,
  'messenger/recent': [...VIEWING, 'portal'],
  demo: ['base', 'db', 'portal', 'messenger', 'messenger/*'],
  intake: ['base', 'db', 'portal', 'messenger', 'messenger/*'],
  'delivery/handlers': ['base', 'db', 'portal', 'identity', 'messenger', 'messenger/access', 'messenger/views', 'messenger/recent'],
  'delivery/live': ['base', 'db', 'portal', 'messenger', 'messenger/access', 'messenger/views', 'messenger/recent', 'messenger/posting'],
  'delivery/previews': ['base', 'db', 'portal', 'messenger', 'messenger/messages', 'delivery/handlers'],
  push: ['base', 'db', 'rest', 'identity', 'messenger', 'messenger/*', 'delivery/live'],
  oauth: ['base', 'db', 'portal', 'identity', 'rest'],
  frames: ['base', 'db', 'portal', 'identity', 'rest', 'oauth', 'messenger', 'messenger/access', 'messenger/people', 'delivery/handlers'],
  pages: ['base', 'portal', 'identity', 'rest', 'oauth'],
  transfers: ['base', 'db', 'blobs', 'rest', 'portal', 'messenger', 'messenger/*'],
  methods: ['base', 'rest', 'portal', 'identity', 'messenger', 'messenger/*', 'delivery/*', 'oauth'],
  exchange: ['base', 'db', 'blobs'],
  reference: ['base', 'rest'],
  compare: ['base', 'reference'],
};
/** May import anything: files at the top, the commands, and what is for tests of others. */
const ABOVE_ALL = ['', 'commands', 'testing'];
const ENGINE_FILES = /^db\/engines\//;

interface Import {
  from: string;
  to: string;
}

const files = globSync('**/*.ts', { cwd: src });
const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(src, from), 'utf8');
  return [...text.matchAll(/(?:from |import\()'([^']+)'/g)].map(([, to = '']) => ({
    from,
    to: to.startsWith('.') ? relative(src, join(src, dirname(from), to)) : to,
  }));
});

test('folders import only what lies below them', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [folder, target] = [folderOf(from), folderOf(to)];
    if (ABOVE_ALL.includes(folder) || !to.endsWith('.ts') || target === folder) return false;
    const anyInner = target.includes('/') ? `${target.split('/')[0]}/*` : target;
    return ![target, anyInner].some((allowed) => ALLOWED[folder]?.includes(allowed));
  });
  expect(wrong).toEqual([]);
});

test('every folder has its place in the table', () => {
  const folders = new Set(files.map(folderOf));
  expect([...folders].filter((folder) => !ABOVE_ALL.includes(folder) && !Object.hasOwn(ALLOWED, folder))).toEqual([]);
});

/** Empty for files at the top. */
function folderOf(file: string): string {
  const parts = file.split('/').slice(0, -1);
  return parts.slice(0, ['messenger', 'delivery'].includes(parts[0]!) ? 2 : 1).join('/');
}

test.each([
  ['files', (file: string) => file],
  ['folders', folderOf],
])('%s do not go in circles, not even for types', (_what, nodeOf) => {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [node, target] = [nodeOf(from), nodeOf(to)];
    if (to.endsWith('.ts') && node !== '' && target !== node) graph.set(node, (graph.get(node) ?? new Set()).add(target));
  }
  expect(circleIn(graph)).toEqual([]);
});

/** The nodes of one circle, each importing the next; empty where there is none. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return [];
    const found = [...(graph.get(node) ?? [])].map((next) => walk(next, [...path, node])).find((circle) => circle.length > 0);
    done.add(node);
    return found ?? [];
  };
  return [...graph.keys()].map((node) => walk(node, [])).find((circle) => circle.length > 0) ?? [];
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
