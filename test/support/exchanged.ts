/** A portal in which everything has happened, and the portals that its exports become. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { Database } from '../../src/db/database.ts';
import { rowsAfter } from '../../src/db/stores/table-store.ts';
import { EXPORTED } from '../../src/exchange/plan.ts';
import { addScene } from '../compat/scene.ts';
import { tidemark } from './command.ts';
import { answersOf, changeEverything, filesOf, questionsOf } from './reads.ts';
import { dropDatabase, freshDatabase, startTestServer, type TestServer } from './server.ts';

/** A row for each table in which no call of the test has left one: of what is rare, or soon gone. */
async function fillEmptyTables(db: Database): Promise<void> {
  await db.write(async (s) => {
    const shapes = await db.tables.shapes(s);
    for (const { table } of EXPORTED) {
      const shape = shapes.get(table)!;
      if (table === 'journal' || (await rowsAfter(s, table, shape, undefined, 1)).length > 0) continue;
      await db.tables.insert(s, table, shape.columns, [shape.columns.map(({ kind }) => (kind === 'number' ? 1 : 'x'))]);
    }
  });
}

/** The same instant on all portals, whenever they are asked. */
class StillClock implements Clock {
  readonly #real = systemClock();
  readonly #at = this.#real.now() + 1000;
  now(): number {
    return this.#at;
  }
  precise(): number {
    return this.#real.precise();
  }
}

/** Where a portal lies. */
export interface Place {
  data: string;
  databaseUrl: string;
}

export const storeOf = ({ data, databaseUrl }: Place): string[] => ['--data', data, ...(databaseUrl ? ['--database-url', databaseUrl] : [])];

/** A folder for exports and portals. */
export class Workshop implements AsyncDisposable {
  readonly folder: string;
  readonly #databases: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'tidemark-exchange-')));
  }

  /** A place where there is nothing yet. */
  async place(engine?: 'sqlite'): Promise<Place> {
    const databaseUrl = engine ? '' : await freshDatabase();
    this.#databases.push(databaseUrl);
    return { data: this.path(), databaseUrl };
  }

  path(): string {
    return join(this.folder, randomBytes(6).toString('hex'));
  }

  /** @returns the folder of the export */
  async exported(place: Place, ...flags: string[]): Promise<string> {
    const to = this.path();
    const { code, stderr } = await tidemark('export', ...storeOf(place), '--to', to, ...flags);
    if (code !== 0) throw new Error(stderr);
    return to;
  }

  async imported(from: string, into: Place): Promise<Place> {
    const { code, stderr } = await tidemark('import', ...storeOf(into), '--from', from);
    if (code !== 0) throw new Error(stderr);
    return into;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    for (const url of this.#databases) await dropDatabase(url);
  }
}

/** The lines of an export but for its head, in no order where that is an engine's: it sorts texts by its own rules. */
export async function linesIn(folder: string): Promise<string[]> {
  return (await readFile(join(folder, 'portal.jsonl'), 'utf8')).split('\n').slice(1).sort();
}

export interface Whole {
  /** What it answered to all questions after it was exported. */
  answers: string[];
  files: Record<string, string>;
  /** The export. */
  folder: string;
  /** What another portal answers to the same, at the same instant. */
  ask(place: Place): Promise<Pick<Whole, 'answers' | 'files'>>;
}

/** Makes a portal of the demo team and of every call that changes something, exports it while it runs, and asks it everything. */
export async function wholePortal(shop: Workshop): Promise<Whole> {
  const clock = new StillClock();
  const place = await shop.place();
  await using portal = await startTestServer({ ...place, empty: false }, { clock });
  await changeEverything(await addScene(portal), true);
  const scene = await addScene(portal);
  await changeEverything(scene, false);
  await fillEmptyTables(portal.server.context.db);
  const questions = await questionsOf(portal, scene);
  const folder = await shop.exported(place);
  const seen = async (server: TestServer) => {
    const answers = await answersOf(server, questions);
    return { answers, files: await filesOf(server, answers) };
  };
  return {
    ...(await seen(portal)), folder,
    async ask(there) {
      await using server = await startTestServer({ ...there, printWebhook: false }, { clock });
      return await seen(server);
    },
  };
}
