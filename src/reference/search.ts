/** Finds methods by words: in their names first, then in what is said of them. */
import type { MethodReference, Reference } from './reference.ts';

const NAME_WEIGHT = 8;
const SUMMARY_WEIGHT = 4;
const PARAM_WEIGHT = 2;
const OTHER_WEIGHT = 1;

/** Every word of the query must occur somewhere; the best match comes first. */
export function searchMethods(reference: Reference, query: string, limit: number): MethodReference[] {
  const words = query.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== '');
  const scored = reference.methods.map((method) => ({ method, score: scoreOf(method, words) }));
  const found = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
  return found.slice(0, limit).map(({ method }) => method);
}

function scoreOf(method: MethodReference, words: readonly string[]): number {
  const scores = words.map((word) => wordScore(method, word));
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 0);
}

function wordScore(method: MethodReference, word: string): number {
  const has = (text: string) => text.toLowerCase().includes(word);
  const inName = has(method.name) ? NAME_WEIGHT : 0;
  const inSummary = has(method.summary) ? SUMMARY_WEIGHT : 0;
  const inParams = method.params.some(({ name }) => has(name)) ? PARAM_WEIGHT : 0;
  const elsewhere = [method.scope ?? '', ...method.params.map((p) => p.description), ...method.errors.flatMap((e) => [e.code, e.text])];
  return inName + inSummary + inParams + (elsewhere.some(has) ? OTHER_WEIGHT : 0);
}
