/**
 * Messages with files on their way: each is kept in the browser, with its files, until the outbox has it in its place under the same
 * uuid. So it goes on after a reload, in one tab at a time, and arrives once.
 */
import { words } from '../../lib/i18n.ts';
import { tellTabs } from '../../lib/tabs.ts';
import { cache, type Entry } from '../store/cache.ts';
import { toast } from '../store/toast.ts';
import type { Echo } from './outbox.ts';
import { outbox } from './outgoing.ts';
import { Refused, transfer } from './transfer.ts';
import { type Upload, uploadsOf } from './uploads.ts';
import { t as common } from './words.ts';

const t = words({
  en: { notKept: { one: '{n} file is too much for this browser to keep: leave the page open until it is sent', other: '{n} files are too much for this browser to keep: leave the page open until they are sent' } },
  ru: { notKept: { one: 'Браузер не может сохранить {n} файл: не закрывайте страницу до отправки', few: 'Браузер не может сохранить {n} файла: не закрывайте страницу до отправки', many: 'Браузер не может сохранить {n} файлов: не закрывайте страницу до отправки', other: 'Браузер не может сохранить {n} файла: не закрывайте страницу до отправки' } },
});

interface KeptFile {
  key: string;
  name: string;
  size: number;
  /** At the server; 0 until it is there. */
  id: number;
}

interface Parcel {
  uuid: string;
  dialogId: string;
  /** When it was given, in milliseconds. */
  at: number;
  text: string;
  replyId: number;
  files: readonly KeptFile[];
}

type BlobOf = (key: string) => Promise<Blob | undefined>;

/** Files, and bytes, that are kept of one user. */
const [MOST_FILES, MOST_BYTES] = [200, 256 * 2 ** 20];
/** Milliseconds after which what could not be sent is given up. */
const MOST_AGE = 7 * 24 * 3600_000;
/** Milliseconds until what did not come through is tried again: doubled each time. */
const [SHORTEST, LONGEST] = [2000, 60_000];

/** Those that this tab carries, or will where another leaves them. */
const known = new Set<string>();

export function send(dialogId: string, files: readonly File[], text: string, replyId: number): void {
  const uuid = crypto.randomUUID();
  const blobs = new Map(files.map((file, at) => [`${uuid} ${at}`, file]));
  const parcel = { uuid, dialogId, at: Date.now(), text, replyId, files: [...blobs].map(([key, { name, size }]) => ({ key, name, size, id: 0 })) };
  known.add(uuid);
  void alone(uuid, async () => {
    await new Carried(parcel, keep(parcel, blobs), async (key) => blobs.get(key)).run();
  });
}

/** Says so where they are too many. @returns whether they are kept */
async function keep(parcel: Parcel, blobs: ReadonlyMap<string, Blob>): Promise<boolean> {
  const all = [...(await cache.all<Parcel>('parcels')).flatMap(({ files }) => files.filter(({ id }) => id === 0)), ...parcel.files];
  const fits = all.length <= MOST_FILES && all.reduce((sum, { size }) => sum + size, 0) <= MOST_BYTES;
  const isKept = fits && (await cache.putInto([['parcels', parcel.uuid, parcel], ...[...blobs].map(([key, blob]): Entry => ['blobs', key, blob])]));
  if (isKept) tellTabs('uploads');
  else toast(t('notKept', { n: parcel.files.length }), { kind: 'bad' });
  return isKept;
}

/** Takes up what no other tab carries, and waits for what another does. */
export async function resumeParcels(): Promise<void> {
  for (const { uuid } of await cache.all<Parcel>('parcels')) {
    if (known.has(uuid)) continue;
    known.add(uuid);
    void alone(uuid, async () => {
      const parcel = await cache.get<Parcel>('parcels', uuid);
      if (!parcel) return;
      if (Date.now() - parcel.at > MOST_AGE) await drop(parcel);
      else await new Carried(parcel, Promise.resolve(true), (key) => cache.get<Blob>('blobs', key)).run();
    });
  }
}

async function drop({ uuid, files }: Parcel): Promise<void> {
  await cache.putInto([['parcels', uuid, undefined], ...files.map(({ key }): Entry => ['blobs', key, undefined])]);
}

async function alone(uuid: string, work: () => Promise<void>): Promise<void> {
  // Without locks two tabs may upload the same; the message is one all the same.
  if ('locks' in navigator) await navigator.locks.request(`tidemark upload ${uuid}`, work);
  else await work();
}

class Carried {
  #parcel: Parcel;
  readonly #kept: Promise<boolean>;
  readonly #blobOf: BlobOf;

  constructor(parcel: Parcel, kept: Promise<boolean>, blobOf: BlobOf) {
    this.#parcel = parcel;
    this.#kept = kept;
    this.#blobOf = blobOf;
  }

  /** Until all files are there or taken back, and the outbox has the rest. */
  async run(): Promise<void> {
    await Promise.all(this.#parcel.files.filter(({ id }) => id === 0).map((file) => this.#carry(file)));
    await this.#kept;
    const { uuid, dialogId, text, replyId, files } = this.#parcel;
    if (files.length === 0 && text === '') return drop(this.#parcel);
    const echo: Echo = { uuid, dialogId, at: Date.now(), text, replyId, forwardId: 0, fileIds: files.map(({ id }) => id), state: 'queued', error: '' };
    // In one step: it is never in both, nor in neither.
    await cache.putInto([['outbox', uuid, echo], ['parcels', uuid, undefined]]);
    outbox.restore([echo]);
  }

  async #carry({ key, name }: KeptFile): Promise<void> {
    const blob = await this.#blobOf(key);
    if (!blob) toast(common('tooLarge', { name }), { kind: 'bad' });
    const row = new Row(this.#parcel.dialogId, key, name, blob);
    let id = 0;
    try {
      for (let wait = SHORTEST; id === 0 && blob && !row.stopped; wait = Math.min(LONGEST, wait * 2)) id = await this.#try(row, name, blob, wait);
    } finally {
      row.hide();
    }
    await this.#note(key, id);
  }

  /** @returns 0 where it is not there yet, once there is reason to try again or to give up */
  async #try(row: Row, name: string, blob: Blob, wait: number): Promise<number> {
    try {
      return await transfer(this.#parcel.dialogId, name, blob, (part) => row.shows(part), row.signal);
    } catch (error) {
      if (error instanceof Refused) await row.failed(name);
      else await row.pause(wait);
      return 0;
    }
  }

  /** The file is at the server, or, with 0, not to be sent. */
  async #note(key: string, id: number): Promise<void> {
    const files = this.#parcel.files.flatMap((file) => (file.key === key ? (id > 0 ? [{ ...file, id }] : []) : [file]));
    this.#parcel = { ...this.#parcel, files };
    if (await this.#kept) await cache.putInto([['parcels', this.#parcel.uuid, this.#parcel], ['blobs', key, undefined]]);
  }
}

/** What of a file shows, and what is done with it there. */
class Row {
  readonly #dialogId: string;
  readonly #key: string;
  readonly #preview: string;
  readonly #stop = new AbortController();
  #again: (() => void) | undefined;

  constructor(dialogId: string, key: string, name: string, blob: Blob | undefined) {
    this.#dialogId = dialogId;
    this.#key = key;
    this.#preview = blob?.type.startsWith('image/') ? URL.createObjectURL(blob) : '';
    const upload: Upload = { key, name, preview: this.#preview, progress: 0, cancel: () => this.#cancel(), retry: () => this.#again?.() };
    this.#list.value = [...this.#list.value, upload];
  }

  get #list() {
    return uploadsOf(this.#dialogId);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get stopped(): boolean {
    return this.signal.aborted;
  }

  shows(progress: number | undefined): void {
    this.#list.value = this.#list.value.map((upload) => (upload.key === this.#key ? { ...upload, progress } : upload));
  }

  /** Until somebody wants it tried again, or takes it back. */
  async failed(name: string): Promise<void> {
    if (this.stopped) return;
    this.shows(undefined);
    toast(common('tooLarge', { name }), { kind: 'bad' });
    await new Promise<void>((resolve) => (this.#again = resolve));
    this.shows(0);
  }

  async pause(ms: number): Promise<void> {
    if (this.stopped) return;
    this.shows(0);
    await new Promise<void>((resolve) => {
      this.#again = resolve;
      setTimeout(resolve, ms);
    });
  }

  #cancel(): void {
    this.#stop.abort();
    this.hide();
    this.#again?.();
  }

  hide(): void {
    this.#list.value = this.#list.value.filter(({ key }) => key !== this.#key);
    if (this.#preview) URL.revokeObjectURL(this.#preview);
  }
}
