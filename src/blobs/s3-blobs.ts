/** Files in an S3-compatible store, which all nodes share: an object for each content, named by its hash. */
import type { IncomingMessage } from 'node:http';
import type { BlobName, Blobs, ByteRange, StoredBlob } from './blobs.ts';
import type { S3Address } from './s3-address.ts';
import { S3Client, type S3Credentials, type S3Patience } from './s3-client.ts';
import { abort, type PartSizes, upload } from './s3-upload.ts';
import { elements, textOf } from './s3-xml.ts';
import { spool } from './spool.ts';

const NAME = /^[0-9a-f]{64}$/;
const MOST_IN_VAIN = 3;

/** What a test may put in place of the usual. */
export interface S3Options {
  patience?: S3Patience;
  sizes?: PartSizes;
}

export class S3Blobs implements Blobs {
  readonly #address: S3Address;
  readonly #client: S3Client;
  readonly #spool: string;
  readonly #sizes: PartSizes | undefined;

  /** @param folder where what comes in lies until the store has it */
  constructor(address: S3Address, credentials: S3Credentials, folder: string, { patience, sizes }: S3Options = {}) {
    this.#address = address;
    this.#client = new S3Client(address, credentials, patience);
    this.#spool = folder;
    this.#sizes = sizes;
  }

  async put(content: AsyncIterable<Uint8Array>, most: number, claim?: (blob: StoredBlob) => Promise<void>): Promise<StoredBlob> {
    await using file = await spool(content, most, this.#spool);
    const blob = { name: file.name, size: file.size };
    await claim?.(blob);
    if ((await this.size(file.name)) !== file.size) await upload(this.#client, this.#keyOf(file.name), file, this.#sizes);
    return blob;
  }

  async read(name: BlobName, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    const response = await this.#open(name, range);
    if (response.statusCode === 404) return undefined;
    return response.statusCode === 416 ? nothing() : this.#pieces(name, response, range?.first ?? 0);
  }

  async size(name: BlobName): Promise<number | undefined> {
    const response = await this.#client.send({ method: 'HEAD', key: this.#keyOf(name), expected: ['404'] });
    response.resume();
    return response.statusCode === 404 ? undefined : Number(response.headers['content-length']);
  }

  async remove(name: BlobName): Promise<void> {
    (await this.#client.send({ method: 'DELETE', key: this.#keyOf(name), expected: ['NoSuchKey'] })).resume();
  }

  async *list(): AsyncIterable<{ name: BlobName; kept: Date }> {
    for await (const text of this.#pages({ 'list-type': '2' }, 'ListBucketResult', { NextContinuationToken: 'continuation-token' })) {
      for (const object of elements(text, 'Contents')) {
        const name = (object.get('Key') ?? '').slice(this.#address.prefix.length);
        if (NAME.test(name)) yield { name, kept: new Date(object.get('LastModified') ?? 0) };
      }
    }
  }

  async tidy(before: Date): Promise<void> {
    const marks = { NextKeyMarker: 'key-marker', NextUploadIdMarker: 'upload-id-marker' };
    for await (const text of this.#pages({ uploads: '' }, 'ListMultipartUploadsResult', marks)) {
      for (const begun of elements(text, 'Upload')) {
        const [key, id, at] = [begun.get('Key'), begun.get('UploadId'), new Date(begun.get('Initiated') ?? '')];
        if (key !== undefined && id !== undefined && at < before) await abort(this.#client, key, id);
      }
    }
  }

  async examine(): Promise<string> {
    const { endpoint, bucket, prefix } = this.#address;
    await this.#client.text({ method: 'GET', key: '', query: { 'list-type': '2', 'max-keys': '1', prefix } });
    return `${endpoint}/${bucket}/${prefix} answers`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
  }

  /** @throws RangeError for what is no name, which might be the key of something else */
  #keyOf(name: BlobName): string {
    if (!NAME.test(name)) throw new RangeError('not the name of a blob');
    return this.#address.prefix + name;
  }

  async #open(name: BlobName, range?: ByteRange): Promise<IncomingMessage> {
    const headers = range && { headers: { range: `bytes=${range.first}-${range.last}` } };
    return this.#client.send({ method: 'GET', key: this.#keyOf(name), ...headers, expected: ['NoSuchKey', 'InvalidRange', '416'] });
  }

  /** An answer that breaks off is gone on with where it broke off, unless that brings nothing several times. */
  async *#pieces(name: BlobName, opened: IncomingMessage, first: number): AsyncGenerator<Uint8Array> {
    const last = first + Number(opened.headers['content-length']) - 1;
    let [response, at, inVain] = [opened, first, 0];
    for (;;) {
      const begun = at;
      try {
        for await (const piece of response as AsyncIterable<Buffer>) {
          at += piece.length;
          yield piece;
        }
        return;
      } catch (fault) {
        inVain = at === begun ? inVain + 1 : 0;
        if (inVain === MOST_IN_VAIN) throw fault;
      }
      if (at > last) return;
      response = await this.#open(name, { first: at, last });
      if (response.statusCode !== 206) throw new Error(`${name} was removed while it was read`);
    }
  }

  /** @param marks which elements of a page say where the next begins, and by which parameters that is asked for */
  async *#pages(query: Record<string, string>, root: string, marks: Record<string, string>): AsyncGenerator<string> {
    for (let next: Record<string, string> | undefined = {}; next;) {
      const text = await this.#client.text({ method: 'GET', key: '', query: { ...query, prefix: this.#address.prefix, ...next } });
      yield text;
      const more = textOf(text, root, 'IsTruncated') === 'true';
      next = more ? Object.fromEntries(Object.entries(marks).map(([mark, parameter]) => [parameter, textOf(text, root, mark) ?? ''])) : undefined;
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
