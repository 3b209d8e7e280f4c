/** What nothing refers to any more is removed, and nothing else is: however uploads, deletions and nodes that collect meet. */
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BlobName, Blobs } from '../../src/blobs/blobs.ts';
import { keptBlobs } from '../../src/db/stores/blob-store.ts';
import { claiming, collect, COLLECTING_MS } from '../../src/messenger/files/collecting.ts';
import { contentOf, inPieces, namesIn, nameOf } from '../support/blobs-contract.ts';
import { CallError } from '../support/client.ts';
import type { Held } from '../support/held-store.ts';
import { MemoryBlobs } from '../support/memory-blobs.ts';
import { runs } from '../support/runs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const DAY = 86_400_000;
const CONTENTS = ['one', 'two'].map((text) => Buffer.from(text));

/** Its next removal can be held before it happens. */
class HeldBlobs extends MemoryBlobs {
  #hold: { reach: () => void; released: Promise<void> } | undefined;

  hold(): Held {
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#hold = { reach: reached.resolve, released: released.promise };
    return { reached: reached.promise, release: released.resolve };
  }

  override async remove(name: BlobName): Promise<void> {
    const hold = this.#hold;
    this.#hold = undefined;
    hold?.reach();
    await hold?.released;
    await super.remove(name);
  }
}

const blobs = new HeldBlobs();
let portal: TestServer;
let storage: number;
let named = 0;

beforeAll(async () => {
  portal = await startTestServer({}, { blobs: (): Blobs => blobs });
  const [own] = await portal.admin.call<Array<{ ROOT_OBJECT_ID: string }>>('disk.storage.getlist');
  storage = Number(own!.ROOT_OBJECT_ID);
});
afterAll(() => portal[Symbol.asyncDispose]());
afterEach(async () => {
  const files = await portal.admin.call<Array<{ ID: string }>>('disk.folder.getchildren', { id: storage });
  for (const { ID } of files) await remove(Number(ID));
  await collectNow();
  portal.clock.advance(2 * DAY);
  await collectNow();
  expect([await namesIn(blobs), await portal.server.context.db.read(keptBlobs)]).toEqual([[], { count: 0, bytes: 0 }]);
});

async function upload(content: Buffer): Promise<number> {
  named += 1;
  const name = `file${named}.bin`;
  const { ID } = await portal.admin.call<{ ID: string }>('disk.folder.uploadfile', { id: storage, data: { NAME: name }, fileContent: [name, content.toString('base64')] });
  return Number(ID);
}

const remove = (id: number) => portal.admin.call('disk.file.delete', { id });

function collectNow(after = COLLECTING_MS): Promise<number> {
  const { context } = portal.server;
  return collect(context.db, blobs, portal.clock.now(), undefined, after);
}

/** As if no time were to pass before anything is removed. */
const AT_ONCE = { ...COLLECTING_MS, grace: -60_000 };

test('the same content goes with the last of its files, a day later', async () => {
  const files = [await upload(CONTENTS[0]!), await upload(CONTENTS[0]!)];
  await remove(files[0]!);
  await collectNow();
  portal.clock.advance(2 * DAY);
  expect(await collectNow()).toBe(0);
  await remove(files[1]!);
  expect(await collectNow()).toBe(0);
  portal.clock.advance(DAY / 2);
  expect(await collectNow()).toBe(0);
  expect(await namesIn(blobs)).toEqual([nameOf(CONTENTS[0]!)]);
  portal.clock.advance(DAY);
  expect(await collectNow()).toBe(1);
  expect(await namesIn(blobs)).toEqual([]);
});

test('what was uploaded for nothing goes a day later', async () => {
  const { context } = portal.server;
  await blobs.put(inPieces(CONTENTS[1]!), 100, claiming(context.db, portal.clock));
  expect(await collectNow()).toBe(0);
  portal.clock.advance(DAY + 1);
  expect(await collectNow()).toBe(1);
});

test('what the database does not know is nobody\'s to remove', async () => {
  const { name } = blobs.add(Buffer.from('strange'));
  portal.clock.advance(3 * DAY);
  expect(await collectNow()).toBe(0);
  expect(await namesIn(blobs)).toEqual([name]);
  await blobs.remove(name);
});

test('an upload of what is just being removed waits until it is gone, and then brings it again', async () => {
  await remove(await upload(CONTENTS[0]!));
  await collectNow();
  portal.clock.advance(DAY + 1);
  const held = blobs.hold();
  const collecting = collectNow();
  await held.reached;
  const uploading = upload(CONTENTS[0]!);
  // Were it not to wait, it would be through by then.
  await Promise.race([uploading, sleep(200)]);
  held.release();
  expect(await collecting).toBe(1);
  await uploading;
  expect(await contentOf(await blobs.read(nameOf(CONTENTS[0]!)))).toEqual(CONTENTS[0]);
  portal.clock.advance(2 * DAY);
  expect(await collectNow()).toBe(0);
});

test('whoever began to remove something and died is followed by another, who waits long enough', async () => {
  await remove(await upload(CONTENTS[0]!));
  await collectNow();
  portal.clock.advance(DAY + 1);
  const held = blobs.hold();
  const dead = collectNow();
  await held.reached;
  expect(await collectNow()).toBe(0);
  portal.clock.advance(COLLECTING_MS.removal + 1);
  expect(await collectNow()).toBe(1);
  await upload(CONTENTS[1]!);
  held.release();
  await dead;
  expect(await namesIn(blobs)).toEqual([nameOf(CONTENTS[1]!)]);
});

test('whoever refers to it after more than a day is told to begin anew, and nothing refers to what is gone', async () => {
  const { context } = portal.server;
  const claim = claiming(context.db, portal.clock);
  const { name } = await blobs.put(inPieces(CONTENTS[0]!), 100, claim);
  portal.clock.advance(DAY + 1);
  expect(await collectNow()).toBe(1);
  const { holdBlob } = await import('../../src/db/stores/blob-store.ts');
  await expect(context.db.write((s) => holdBlob(s, name))).rejects.toThrow('cannot be used now');
});

const step = fc.record({ what: fc.constantFrom('upload', 'upload', 'delete', 'collect'), content: fc.constantFrom(...CONTENTS), late: fc.nat(8) });

test('several hands at once, two of whom remove what is unused that very moment: no file ever lacks its bytes', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 24 }), async (steps) => {
    const there = new Map<number, Buffer>();
    const take = async ({ what, content, late }: (typeof steps)[number]) => {
      await sleep(late);
      if (what === 'collect') return void (await Promise.all([collectNow(AT_ONCE), collectNow(AT_ONCE)]));
      const [oldest] = there.keys();
      if (what === 'delete' && oldest !== undefined) {
        there.delete(oldest);
        return void (await remove(oldest));
      }
      // Here a claim is not kept for a day: whoever is overtaken is told so, and there is no file.
      const id = await upload(content).catch((error: CallError) => {
        expect(error.answer?.body.error).toBe('STORAGE_UNAVAILABLE');
      });
      if (id !== undefined) there.set(id, content);
    };
    await Promise.all(steps.map(take));
    await collectNow(AT_ONCE);
    for (const content of there.values()) expect(await contentOf(await blobs.read(nameOf(content)))).toEqual(content);
    const kept = new Set([...there.values()].map((content) => nameOf(content)));
    expect(await namesIn(blobs)).toEqual([...kept].sort());
    for (const id of there.keys()) await remove(id);
    await collectNow(AT_ONCE);
    expect(await namesIn(blobs)).toEqual([]);
  }), { numRuns: runs(40) });
});
