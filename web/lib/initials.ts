/** A name in one or two signs. */
const WORDS = /[\p{L}\p{N}][^\s«»"'()[\]]*/gu;
const SEGMENTS = new Intl.Segmenter();

/** Of the first two words; the first sign of a name that has none. */
export function initials(name: string): string {
  const found = (name.match(WORDS) ?? []).slice(0, 2).map((word) => [...word][0]!.toLocaleUpperCase());
  if (found.length > 0) return found.join('');
  return [...SEGMENTS.segment(name.trim())][0]?.segment ?? '';
}
