/** The sizes that the page shows, and what is asked for when no flags say otherwise. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Coefficients } from './coefficients.ts';
import type { Usage } from './model.ts';
import { summary } from './print.ts';

export const USUAL: Usage = { users: 0, chats: 40, members: 8, active: 0.6, messages: 40, reads: 200, changed: 0.3, text: 80, days: 365 };
export const SCALES: readonly Usage[] = [1_000, 100_000, 1_000_000, 100_000_000].map((users) => ({ ...USUAL, users }));

export const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'scaling.md');
const RESULTS = /(<!-- results -->\n)[^]*?(\n<!-- end -->)/;

/** Puts the results of new coefficients into the page. */
export function writePage(coefficients: Coefficients): void {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, page.replace(RESULTS, (_, before: string, after: string) => `${before}\n${summary(SCALES, coefficients)}\n${after}`));
}
