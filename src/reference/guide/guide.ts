/** The guide: its files, read and rendered when somebody first asks for them, and its pictures. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Html } from '../../base/html.ts';
import { lazily } from '../../base/lazily.ts';
import { yieldToOthers } from '../../base/turns.ts';
import { GUIDE_PAGES, type GuidePage } from './contents.ts';
import type { Heading } from './markdown.ts';

export interface ShownPage extends GuidePage {
  title: string;
  /** Those below the title. */
  headings: Heading[];
  body: Html;
}

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'docs');

export class Guide {
  readonly #pages = GUIDE_PAGES.map((page) => lazily(() => this.#render(page)));
  readonly #pictures = lazily(async () => new Set(await readdir(join(FOLDER, 'pictures'))));
  /** Loads what it is made with, of which most portals have no need. */
  readonly #markdown = lazily(async () => {
    await import('markdown-it');
    await yieldToOthers();
    return import('./markdown.ts');
  });

  /** All of them in order; others get their turn after each. */
  async pages(): Promise<ShownPage[]> {
    const pages: ShownPage[] = [];
    for (const page of this.#pages) pages.push(await page());
    return pages;
  }

  /** A picture by its name; none where there is no such file. */
  async picture(name: string): Promise<Buffer | undefined> {
    return (await this.#pictures()).has(name) ? readFile(join(FOLDER, 'pictures', name)) : undefined;
  }

  async #render(page: GuidePage): Promise<ShownPage> {
    const [{ render }, text] = [await this.#markdown(), await readFile(join(FOLDER, `${page.name}.md`), 'utf8')];
    await yieldToOthers();
    return { ...page, ...render(text) };
  }
}
