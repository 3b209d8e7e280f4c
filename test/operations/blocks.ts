/** The fenced blocks of the pages that people read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Block {
  /** As in `sh`; empty where the page names none. */
  language: string;
  /** What stands after the language: what the block needs, or why no test runs it. */
  needs: string;
  text: string;
}

export interface Page {
  /** From the root of the repository. */
  path: string;
  blocks: Block[];
}

const SHELLS = ['', 'sh', 'bash', 'shell', 'console', 'zsh'];
const FENCE = /^( *)(```+|~~~+) *(\S*) *(.*)\n([^]*?)^ *\2$/gm;

/** All pages of `docs/`, and the README. */
export const pages: readonly Page[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`),
].map((path) => ({ path, blocks: blocksOf(readFileSync(join(ROOT, path), 'utf8')) }));

export function isForShell({ language }: Block): boolean {
  return SHELLS.includes(language);
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(FENCE)].map(([, indent = '', , language = '', needs = '', lines = '']) => ({
    language, needs: needs.trim(), text: lines.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}
