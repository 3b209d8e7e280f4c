/** Tags of results, and the short answer for who has the result already (RFC 9110, 8.8.3 and 13.1.2). */
import { type RestResponse, type Success, successResponse } from './envelope.ts';

/** Who keeps an answer must ask whether it still holds, and keeps it for one caller alone. */
const CACHING = 'private, no-cache';

/**
 * The answer with its tag; the tag alone when one of those in `If-None-Match` is the same. The tag is weak: it stands for
 * the result, and the time beside it is another one in every answer. Equal results have equal tags wherever they are made.
 */
export function unlessKnown(success: Success, ifNoneMatch: string | undefined): RestResponse {
  const tag = `W/"${success.digest}"`;
  const headers = { ...success.headers, etag: tag, 'cache-control': CACHING };
  return ifNoneMatch !== undefined && names(ifNoneMatch, tag) ? { status: 304, body: [], headers } : successResponse({ ...success, headers });
}

/** Whether the list of tags has this one; all comparison is weak. */
function names(list: string, tag: string): boolean {
  if (list.trim() === '*') return true;
  for (const [opaque] of list.matchAll(/"[^"]*"/g)) if (tag.endsWith(opaque)) return true;
  return false;
}
