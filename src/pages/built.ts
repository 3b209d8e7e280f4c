/** What the browser gets of the pages: built of `web/` once, by `scripts/build-web.ts`, and served as it lies there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Coding, codingFor } from '../rest/net/accept-encoding.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'web', 'built');

/** A page's script and styles, by their addresses. */
export interface Parts {
  script: string;
  /** Scripts that it needs at once. */
  needed: readonly string[];
  styles: readonly string[];
}

export interface Asset {
  body: Uint8Array;
  type: string;
  /** Undefined where the bytes are plain. */
  coding: Coding | undefined;
}

/** Of the manifest that the build leaves. */
interface Chunk {
  file: string;
  imports?: string[];
  css?: string[];
}

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml', png: 'image/png', woff2: 'font/woff2', json: 'application/json',
};
/** What can be served compressed lies there so, and not otherwise. */
const CODINGS = { br: 'br', gzip: 'gz' } as const;

/** Nothing is read before it is asked for; then it is kept, compressed: some hundred kilobytes. */
export class Built {
  readonly #files = new Map<string, Buffer | undefined>();
  #manifest: Record<string, Chunk> | undefined;

  /** Undefined where nothing has been built. */
  parts(entry: string): Parts | undefined {
    this.#manifest ??= this.#readManifest();
    const chunks = this.#manifest;
    const root = chunks?.[entry];
    if (!chunks || !root) return undefined;
    const all = closure(chunks, entry);
    const needed = all.filter((name) => name !== entry).map((name) => `/${chunks[name]!.file}`);
    return { script: `/${root.file}`, needed, styles: [...new Set(all.flatMap((name) => chunks[name]!.css ?? []))].map((file) => `/${file}`) };
  }

  /**
   * @param path below the folder of what has been built, as it was asked for
   * @param accepted the field `Accept-Encoding` of the request
   */
  asset(path: string, accepted: string | undefined): Asset | undefined {
    // Names of files as the build gives them: nothing that could lead out of the folder.
    if (!/^(?:assets\/)?[\w-][\w.-]*$/.test(path) || path.includes('..')) return undefined;
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
    if (type === undefined) return undefined;
    const packed = this.#read(`${path}.gz`);
    if (!packed) {
      const body = this.#read(path);
      return body && { body, type, coding: undefined };
    }
    const coding = codingFor(accepted, Infinity, ['br', 'gzip']) as 'br' | 'gzip' | undefined;
    if (!coding) return { body: gunzipSync(packed), type, coding };
    return { body: this.#read(`${path}.${CODINGS[coding]}`) ?? packed, type, coding };
  }

  #read(path: string): Buffer | undefined {
    if (!this.#files.has(path)) this.#files.set(path, readIfThere(join(FOLDER, path)));
    return this.#files.get(path);
  }

  #readManifest(): Record<string, Chunk> | undefined {
    const text = readIfThere(join(FOLDER, 'parts.json'));
    return text && (JSON.parse(text.toString()) as Record<string, Chunk>);
  }
}

/** A chunk and all that it imports. */
function closure(chunks: Record<string, Chunk>, entry: string, seen = new Set<string>()): string[] {
  if (seen.has(entry)) return [];
  seen.add(entry);
  return [entry, ...(chunks[entry]!.imports ?? []).flatMap((name) => closure(chunks, name, seen))];
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
