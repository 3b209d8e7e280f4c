/**
 * Text as it is compared without regard to case, in every script. Done here and not by the engines: SQLite lowers only
 * ASCII, PostgreSQL what the database's language says.
 */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ');
}

/** The words of a text, by which people are searched: what stands between spaces and punctuation. */
export function wordsOf(text: string): string[] {
  return fold(text).split(/[\s\p{P}]+/u).filter((word) => word !== '');
}
