/** Tags of results, and the short answer for who has the result already (RFC 9110, 8.8.3 and 13.1.2). */
import { createHash, hash } from 'node:crypto';
import { areKept, madeOnceOf } from '../base/kept-bytes.ts';
import { Slice } from '../base/turns.ts';
import { type RestResponse, type Success, successResponse } from './envelope.ts';
import type { JsonPieces } from './method.ts';

/** Bytes that are hashed without a look at the clock: less than a millisecond. */
const AT_ONCE = 512 * 1024;
/** Who keeps an answer must ask whether it still holds, and keeps it for one caller alone. */
const CACHING = 'private, no-cache';

/**
 * The answer with its tag; the tag alone when one of those in `If-None-Match` is the same. The tag is weak: it stands for
 * the result, and the time beside it is another one in every answer. Equal results have equal tags wherever they are made.
 */
export async function unlessKnown(success: Success, ifNoneMatch: string | undefined): Promise<RestResponse> {
  const tag = `W/"${await digestOf(success.result)}${pageOf(success)}"`;
  const headers = { ...success.headers, etag: tag, 'cache-control': CACHING };
  return ifNoneMatch !== undefined && names(ifNoneMatch, tag) ? { status: 304, body: [], headers } : successResponse({ ...success, headers });
}

function pageOf({ next, total }: Success): string {
  return next === undefined && total === undefined ? '' : `.${next ?? ''}.${total ?? ''}`;
}

/** Whether the list of tags has this one; all comparison is weak. */
function names(list: string, tag: string): boolean {
  if (list.trim() === '*') return true;
  for (const [opaque] of list.matchAll(/"[^"]*"/g)) if (tag.endsWith(opaque)) return true;
  return false;
}

function digestOf(json: JsonPieces): Promise<string> {
  const [only] = json;
  if (json.length === 1 && typeof only === 'object' && areKept(only)) return madeOnceOf(only, 'digest', () => digest(json), (made) => made.length);
  return digest(json);
}

/** The same for the same text, however it is divided. */
async function digest(json: JsonPieces): Promise<string> {
  const [only] = json;
  if (json.length === 1 && only !== undefined && only.length <= AT_ONCE) return hash('sha256', only, 'base64url');
  const sum = createHash('sha256');
  const slice = new Slice();
  for (const piece of json) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    for (let at = 0; at < bytes.length; at += AT_ONCE) {
      sum.update(bytes.subarray(at, at + AT_ONCE));
      if (slice.isOver()) await slice.next();
    }
  }
  return sum.digest('base64url');
}
