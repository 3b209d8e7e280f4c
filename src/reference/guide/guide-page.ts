/** The pages of the guide, around what is rendered of its files. */
import { type Html, html } from '../../base/html.ts';
import { type Reader, renderPage, sideLink } from '../layout.ts';
import { GUIDE, GUIDE_PATH } from './contents.ts';
import type { ShownPage } from './guide.ts';

/** The first page: what there is to read, in order. */
export function renderGuide(pages: readonly ShownPage[], reader: Reader): string {
  const parts = GUIDE.map(({ title, pages: named }) => html`<section>
<h2>${title}</h2>
<ul class="contents">${named.map(({ name }) => entry(pages.find((page) => page.name === name)!))}</ul>
</section>
`);
  const main = html`<h1>Guide</h1>
<p class="lead">A self-hosted messenger server whose centre is the recent list, compatible with the Bitrix24 REST API. From the first start to many nodes.</p>
${parts}
<p>Every method, with examples for every client: <a href="/docs/">the reference</a>.</p>`;
  return renderPage(reader, { title: 'Guide · Tidemark', main, side: side(pages) });
}

function entry({ name, title, about }: ShownPage): Html {
  return html`<li><a href="${GUIDE_PATH}${name}">${title}</a><span>${about}</span></li>
`;
}

/** @param pages all of the guide, `page` among them */
export function renderGuidePage(pages: readonly ShownPage[], page: ShownPage, reader: Reader): string {
  const at = pages.indexOf(page);
  const main = html`<p class="crumb"><a href="${GUIDE_PATH}">Guide</a></p>
${onThisPage(page)}
<article class="guide">
${page.body}</article>
<nav class="around" aria-label="Around this page">${step('Before', pages[at - 1])}${step('Next', pages[at + 1])}</nav>`;
  return renderPage(reader, { title: `${page.title} · Tidemark guide`, main, side: side(pages, page) });
}

/** For narrow screens, which have nothing beside the page. */
function onThisPage({ headings }: ShownPage): Html | undefined {
  if (headings.length < 2) return undefined;
  return html`<details class="narrow"><summary>On this page</summary>${places(headings)}</details>`;
}

function step(what: string, page: ShownPage | undefined): Html | undefined {
  return page && html`<a href="${GUIDE_PATH}${page.name}"><span>${what}</span> ${page.title}</a>`;
}

function side(pages: readonly ShownPage[], current?: ShownPage): Html {
  const parts = GUIDE.map(({ title, pages: named }) => {
    const shown = pages.filter(({ name }) => named.some((page) => page.name === name));
    return html`<h2>${title}</h2>
<ul>${shown.map((page) => html`<li>${sideLink(GUIDE_PATH + page.name, page.title, page === current)}${page === current ? places(page.headings) : undefined}</li>`)}</ul>
`;
  });
  return html`<nav class="side pages" aria-label="Guide">${parts}</nav>`;
}

function places(headings: ShownPage['headings']): Html {
  const shown = headings.filter(({ level }) => level === 2);
  return html`<ul>${shown.map(({ text, anchor }) => html`<li><a href="#${anchor}">${text}</a></li>`)}</ul>`;
}

/** The page for an address of the guide at which there is nothing. It does not repeat the address. */
export function renderNoPage(pages: readonly ShownPage[], reader: Reader): string {
  const main = html`<h1>No such page</h1>
<p class="lead">The guide has no page of that name. <a href="${GUIDE_PATH}">All pages</a></p>`;
  return renderPage(reader, { title: 'No such page', main, side: side(pages) });
}
