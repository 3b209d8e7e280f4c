/** Files of the other portal: fetched from itself alone, and no larger than files may be here. */
import http from 'node:http';
import https from 'node:https';
import type { WriteSession } from '../db/database.ts';
import { ensureRoot } from '../db/stores/disk-store.ts';
import { noteTaken, takenAmong } from '../db/stores/intake-store.ts';
import type { Viewer } from '../messenger/access/viewer.ts';
import { type FileStore, insertFile, type Stored, store, toFileName } from '../messenger/files/storing.ts';
import { MethodRefused } from './fault.ts';
import type { Ledger } from './ledger.ts';
import { filesShown } from './params.ts';
import type { People } from './people.ts';
import { diskFileShape, downloadShape, type HistoryPage, type RemoteFile, type RemoteMessage } from './shapes.ts';
import type { Source } from './source.ts';

/** For one file, milliseconds. */
const TIMEOUT_MS = 10 * 60_000;
const FETCHED_AT_ONCE = 3;

/** By their numbers there: what is kept already, and waits for its message. */
export type FetchedFiles = ReadonlyMap<number, { file: RemoteFile; stored: Stored }>;

export class Files {
  readonly #ledger: Ledger;
  readonly #source: Source;
  readonly #blobs: FileStore | undefined;
  readonly #viewer: Viewer;

  /** @param blobs undefined where files are not wanted. @param viewer whose room they take */
  constructor(ledger: Ledger, source: Source, blobs: FileStore | undefined, viewer: Viewer) {
    this.#ledger = ledger;
    this.#source = source;
    this.#blobs = blobs;
    this.#viewer = viewer;
  }

  /** Keeps the bytes of all that the page's messages show; what cannot be had is left out. */
  async fetch(dialogId: string, page: HistoryPage): Promise<FetchedFiles> {
    const fetched = new Map<number, { file: RemoteFile; stored: Stored }>();
    const shown = new Set(page.messages.flatMap(filesShown));
    const wanted = page.files.filter(({ id }) => shown.has(id));
    if (wanted.length > 0 && !this.#blobs) this.#ledger.leftOut('files: they come with --files');
    if (!this.#blobs) return fetched;
    const known = await this.#ledger.db.read((s) => takenAmong(s, this.#ledger.sourceId, 'file', wanted.map(({ id }) => id)));
    const missing = wanted.filter(({ id }) => !known.has(id));
    for (let i = 0; i < missing.length; i += FETCHED_AT_ONCE) {
      await Promise.all(missing.slice(i, i + FETCHED_AT_ONCE).map(async (file) => {
        const stored = await this.#one(dialogId, file);
        if (stored) fetched.set(file.id, { file, stored });
      }));
    }
    return fetched;
  }

  async #one(dialogId: string, file: RemoteFile): Promise<Stored | undefined> {
    const name = toFileName(file.name) ?? 'file';
    const url = await this.#addressOf(dialogId, file);
    if (!url) return this.#leave(name, 'it is not at the portal itself');
    const { response, why } = await get(url).then((response) => ({ response, why: '' }), (fault: unknown) => ({ response: undefined, why: causeOf(fault) }));
    if (!response) return this.#leave(name, why);
    if (response.statusCode !== 200) {
      response.destroy();
      return this.#leave(name, `HTTP ${response.statusCode}`);
    }
    try {
      const stored = await store(this.#ledger.m, this.#blobs!, this.#viewer, { name, bytes: response });
      return stored.ok ? stored.value : this.#leave(name, stored.reason === 'no_room' ? 'there is no room' : 'it is too large');
    } catch (fault) {
      return this.#leave(name, causeOf(fault));
    } finally {
      response.destroy();
    }
  }

  /** Where the file is fetched: as the portal says when asked, or as it stood with the messages; never anywhere else. */
  async #addressOf(dialogId: string, file: RemoteFile): Promise<URL | undefined> {
    const asked = (await this.#optional(() => this.#source.ask('im.v2.File.download', { dialogId, fileId: file.id }, downloadShape)))?.downloadUrl
      ?? (await this.#optional(() => this.#source.ask('disk.file.get', { id: file.id }, diskFileShape)))?.DOWNLOAD_URL ?? file.urlDownload;
    const url = asked === '' ? null : URL.parse(asked, this.#source.origin);
    return url?.origin === this.#source.origin && url.username === '' ? url : undefined;
  }

  async #optional<T>(ask: () => Promise<T>): Promise<T | undefined> {
    return ask().catch((fault: unknown) => {
      if (fault instanceof MethodRefused) return undefined;
      throw fault;
    });
  }

  #leave(name: string, why: string): undefined {
    this.#ledger.leftOut(`the file ${JSON.stringify(name)}: ${why}`);
    return undefined;
  }
}

/** Redirects are not followed: they would lead somewhere else. */
function get(url: URL): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { 'user-agent': 'Tidemark (import)', 'accept-encoding': 'identity' } });
    request.on('response', resolve);
    request.on('error', reject);
  });
}

/** Nothing that holds an address: it may hold a secret. */
function causeOf(fault: unknown): string {
  const code = Error.isError(fault) && 'code' in fault ? String(fault.code) : '';
  return /^\w{1,40}$/.test(code) ? code : 'it could not be fetched';
}

/** Writes what was fetched into the chat. @returns by the number there the number here, of these messages' files; and how many are new */
export async function writeFiles(s: WriteSession, ledger: Ledger, people: People, chatId: number, messages: readonly RemoteMessage[], fetched: FetchedFiles): Promise<{ ids: Map<number, number>; added: number }> {
  const { m, sourceId } = ledger;
  let added = 0;
  const shown = messages.flatMap(filesShown);
  const known = shown.length === 0 ? new Map<number, number>() : await takenAmong(s, sourceId, 'file', shown);
  for (const id of new Set(shown)) {
    const found = fetched.get(id);
    if (!found || known.has(id)) continue;
    const root = await ensureRoot(s, { kind: 'chat', id: chatId }, m.stamp());
    const uploader = { userId: people.here(found.file.authorId), admin: false, insider: true };
    const { id: here } = await insertFile(s, m, uploader, root, found.stored);
    await noteTaken(s, sourceId, 'file', id, here, chatId);
    known.set(id, here);
    added += 1;
  }
  return { ids: known, added };
}
