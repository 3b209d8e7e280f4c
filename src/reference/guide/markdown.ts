/** Markdown as the guide shows it: no HTML of its own, links that lead from page to page, anchors as GitHub makes them. */
import MarkdownIt, { type Token } from 'markdown-it';
import { COMMAND } from '../../base/program.ts';
import { Html, html } from '../../base/html.ts';
import { GUIDE_PAGES, GUIDE_PATH } from './contents.ts';

export interface Heading {
  level: number;
  text: string;
  anchor: string;
}

export interface Rendered {
  title: string;
  /** Those below the title. */
  headings: Heading[];
  body: Html;
}

/** What commands begin with in the files, which are written for whoever has the repository. */
const COMMAND_IN_FILES = 'npm run -s tidemark --';
const PAGE_LINK = /^([a-z-]+)\.md(#.*)?$/;
const PICTURE_LINK = /^pictures\/[a-z-]+\.png$/;

const markdown = new MarkdownIt({ html: true });
const { rules } = markdown.renderer;

// Of HTML only comments are known, to be left out; anything else is shown as the text that it is.
rules['html_block'] = (tokens, index) => htmlAsText(tokens[index]!);
rules['html_inline'] = (tokens, index) => htmlAsText(tokens[index]!);
rules['fence'] = (tokens, index) => code(tokens[index]!);
rules['code_block'] = (tokens, index) => code(tokens[index]!);
// Wide tables are scrolled by themselves, with the keyboard too.
rules['table_open'] = () => '<div class="wide" role="group" aria-label="Table" tabindex="0"><table>\n';
rules['table_close'] = () => '</table></div>\n';

function htmlAsText({ content }: Token): string {
  return /^\s*<!--[^]*-->\s*$/.test(content) ? '' : html`${content}`.text;
}

function code({ content }: Token): string {
  return html`<div class="sample"><pre tabindex="0"><code>${content}</code></pre></div>\n`.text;
}

/** @throws Error where the text has no title */
export function render(text: string): Rendered {
  const tokens = markdown.parse(text.replaceAll(COMMAND_IN_FILES, COMMAND), {});
  const headings = nameHeadings(tokens);
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'th_open' && tokens[index + 1]?.content === '') token.tag = tokens[index + 2]!.tag = 'td';
    if (token.children) turnLinks(token.children);
    if (token.attrGet('style') !== null) alignByClass(token);
  }
  const [title, ...others] = headings;
  if (title?.level !== 1) throw new Error('a page begins with its title');
  return { title: title.text, headings: others, body: new Html(markdown.renderer.render(tokens, markdown.options, {})) };
}

function nameHeadings(tokens: readonly Token[]): Heading[] {
  const taken = new Map<string, number>();
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open') return [];
    const text = plainText(tokens[index + 1]!);
    const anchor = anchorOf(text, taken);
    token.attrSet('id', anchor);
    return [{ level: Number(token.tag.slice(1)), text, anchor }];
  });
}

function plainText({ children }: Token): string {
  return (children ?? []).map(({ content }) => content).join('');
}

/** @param taken how often each anchor has been given on this page */
function anchorOf(text: string, taken: Map<string, number>): string {
  const anchor = text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
  const before = taken.get(anchor) ?? 0;
  taken.set(anchor, before + 1);
  return before === 0 ? anchor : `${anchor}-${before}`;
}

/** The pages' policy knows no styles in attributes. */
function alignByClass(token: Token): void {
  token.attrs = [['class', String(token.attrGet('style')).replace('text-align:', '')]];
}

/** Links to what the server does not show, such as sources, become text. */
function turnLinks(tokens: Token[]): void {
  let open: Token | undefined;
  for (const token of tokens) {
    if (token.type === 'link_open') (open = token).attrSet('href', addressOf(String(token.attrGet('href'))) ?? '');
    if (token.type === 'image') token.attrSet('src', pictureOf(String(token.attrGet('src'))));
    const isDead = open?.attrGet('href') === '';
    if (isDead && ['link_open', 'link_close'].includes(token.type)) token.hidden = true;
    if (token.type === 'link_close') open = undefined;
  }
}

function addressOf(link: string): string | undefined {
  if (/^(?:https?:\/\/|#|\/docs\/)/.test(link)) return link;
  const [, name, anchor = ''] = PAGE_LINK.exec(link) ?? [];
  return GUIDE_PAGES.some((page) => page.name === name) ? `${GUIDE_PATH}${name}${anchor}` : undefined;
}

/** @throws Error for one that is not among the pictures of the guide */
function pictureOf(link: string): string {
  if (!PICTURE_LINK.test(link)) throw new Error(`no picture of the guide: ${link}`);
  return `${GUIDE_PATH}${link}`;
}
