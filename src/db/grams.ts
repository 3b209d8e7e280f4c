/** What a text is found by: each run of three characters, and shorter ones where a script says much with few characters. */

/** From here on stand symbols, emoji and the scripts of which one or two characters are a word: of those, one and two are kept too. */
const FIRST_WIDE = 0x2100;

/** Parts of a wanted text that are looked up: more would make the look-up no finer, as what is found is read anyway. */
const MOST_WANTED = 12;

/** @param a the first character; 0 for those that a shorter part does not have. @returns a number below 2^31, seldom the same for two parts */
function gram(a: number, b: number, c: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 1;
}

const isWide = (character: number) => character >= FIRST_WIDE;

function charactersOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

/** All that a folded text may be found by, each once. */
export function gramsOf(folded: string): Set<number> {
  const characters = charactersOf(folded);
  const grams = new Set<number>();
  characters.forEach((a, i) => {
    const [b, c] = [characters[i + 1], characters[i + 2]];
    if (isWide(a)) grams.add(gram(a, 0, 0));
    if (b !== undefined && isWide(a) && isWide(b)) grams.add(gram(a, b, 0));
    if (b !== undefined && c !== undefined) grams.add(gram(a, b, c));
  });
  return grams;
}

/**
 * What every text has among its own that holds a folded text. Texts that have them may still hold it not.
 *
 * @returns undefined where the text is too short to be looked up
 */
export function wantedGrams(folded: string): readonly number[] | undefined {
  // Half a character could be found within any.
  if (folded === '' || !folded.isWellFormed()) return undefined;
  const characters = charactersOf(folded);
  if (characters.length >= 3) return spread(characters.slice(2).map((c, i) => gram(characters[i]!, characters[i + 1]!, c)));
  return characters.every(isWide) ? [gram(characters[0]!, characters[1] ?? 0, 0)] : undefined;
}

/** A few of many, from all over. */
function spread(grams: readonly number[]): number[] {
  const step = Math.max(1, (grams.length - 1) / (MOST_WANTED - 1));
  const taken = new Set<number>();
  for (let at = 0; at < grams.length; at += step) taken.add(grams[Math.round(at)] ?? grams.at(-1)!);
  return [...taken];
}
