import type { ByteRange } from '../blobs/blobs.ts';

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * The part of a content that a Range field asks for: undefined for all of it, where there is none or one that may be passed
 * over, such as several parts at once; `none` where nothing of the content is in it.
 *
 * @param size bytes of the content
 */
export function rangeOf(field: string | undefined, size: number): ByteRange | 'none' | undefined {
  const [, from, to] = RANGE.exec(field?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') return lastBytes(Number(to), size);
  const [first, last] = [Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1)];
  if (to !== '' && Number(to) < first) return undefined;
  return first < size ? { first, last } : 'none';
}

function lastBytes(count: number, size: number): ByteRange | 'none' {
  return count === 0 || size === 0 ? 'none' : { first: Math.max(0, size - count), last: size - 1 };
}
