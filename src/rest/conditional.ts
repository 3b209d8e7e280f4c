/** Tags of results, and the short answer for who has the result already (RFC 9110, 8.8.3 and 13.1.2). */
import { type RestResponse, type Success, successResponse } from './envelope.ts';

/** Who keeps an answer must ask whether it still holds, and keeps it for one caller alone. */
const CACHING = 'private, no-cache';

/**
 * The answer with its tag; the tag alone when one of those in `If-None-Match` is the same. The tag is weak: it stands for
 * the result, and the time beside it is another one in every answer. Equal results have equal tags wherever they are made.
 */
export function unlessKnown(success: Success, ifNoneMatch: string | undefined): RestResponse {
  return notModified(success, ifNoneMatch) ?? successResponse({ ...success, headers: tagged(success) });
}

/** The tag alone, for whoever has the result already. */
export function notModified(success: Tagged, ifNoneMatch: string | undefined): RestResponse | undefined {
  if (ifNoneMatch === undefined) return undefined;
  const headers = tagged(success);
  return names(ifNoneMatch, headers.etag) ? { status: 304, body: [], headers } : undefined;
}

/** What of a result its tag is made of, and what else stands in the head. */
export type Tagged = Pick<Success, 'headers' | 'digest'>;

function tagged({ headers, digest }: Tagged) {
  return { ...headers, etag: `W/"${digest}"`, 'cache-control': CACHING };
}

/** Whether the list of tags has this one; all comparison is weak. */
function names(list: string, tag: string): boolean {
  if (list === tag || list.trim() === '*') return true;
  for (const [opaque] of list.matchAll(/"[^"]*"/g)) if (tag.endsWith(opaque)) return true;
  return false;
}
