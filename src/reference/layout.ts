/** What all pages of the reference share. */
import { Html, html } from '../base/html.ts';
import type { MethodReference, Reference } from './reference.ts';

/** Where the reader reaches this portal. */
export interface Reader {
  /** Scheme, host and port. */
  origin: string;
  /** The same over TLS, for clients that speak nothing else. */
  secure: string;
}

export interface Page {
  title: string;
  main: Html;
  /** What stands beside it on wide screens. */
  side: Html;
}

export function renderPage(reader: Reader, page: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title}</title>
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" defer></script>
</head>
<body data-secure="${reader.secure}">
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/docs/">Tidemark <span>documentation</span></a>
<nav aria-label="Documents"><a href="/docs/guide/">Guide</a><a href="/docs/">Methods</a><a href="/openapi.json">OpenAPI</a></nav>
</header>
<div class="frame">
${page.side}
<main id="main">
${page.main}
</main>
</div>
</body>
</html>
`.text;
}

/** @param current the method that the page is about */
export function methodSide(reference: Reference, current?: MethodReference): Html {
  const groups = [...reference.scopes()].map(
    ([scope, methods]) => html`<h2>${scopeTitle(scope)}</h2>
<ul>${methods.map((method) => html`<li>${sideLink(methodPath(method.name), method.name, method === current)}</li>`)}</ul>
`,
  );
  return html`<nav class="side" aria-label="Methods">${groups}</nav>`;
}

export function sideLink(path: string, text: string, isCurrent: boolean): Html {
  const current = isCurrent ? new Html(' aria-current="page"') : undefined;
  return html`<a href="${path}"${current}>${text}</a>`;
}

export function scopeTitle(scope: string): string {
  return scope === '' ? 'Without a scope' : `Scope ${scope}`;
}

export function methodPath(name: string): string {
  return `/docs/${encodeURIComponent(name)}`;
}

/** The page for an address at which there is no method. It does not repeat the address. */
export function renderMissing(reference: Reference, reader: Reader): string {
  const main = html`<h1>No such method</h1>
<p class="lead">This portal has no method of that name. <a href="/docs/">All methods</a></p>`;
  return renderPage(reader, { title: 'No such method', main, side: methodSide(reference) });
}
