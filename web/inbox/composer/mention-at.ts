/** Where in a text somebody is being mentioned. */

/** What is being written after an @ that begins a word; undefined where nothing is. */
export function mentionAt(text: string, caret: number): { from: number; words: string } | undefined {
  const found = /(?:^|[\s(])@([\p{L}\p{N}_.-]{0,30}(?: [\p{L}\p{N}]{0,20})?)$/u.exec(text.slice(0, caret));
  return found ? { from: caret - found[1]!.length - 1, words: found[1]! } : undefined;
}

export interface MentionsHandle {
  /** @returns whether the key was for the list */
  key: (event: KeyboardEvent) => boolean;
}
