/** The frame of the sign-in's pages, and the headers that guard them. */
import { hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Html, html } from '../base/html.ts';
import { STYLE } from './style.ts';

const STYLE_SOURCE = `'sha256-${hash('sha256', STYLE, 'base64')}'`;
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);

export interface Page {
  status: number;
  title: string;
  content: Html;
  /** Where the page's forms may lead, redirects that follow included; this server alone unless said otherwise. */
  formTargets?: readonly string[];
}

export function sendPage(reply: FastifyReply, portal: string, { status, title, content, formTargets = [] }: Page): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        `default-src 'none'; style-src ${STYLE_SOURCE}; form-action ${["'self'", ...formTargets].join(' ')}; `
        + "frame-ancestors 'none'; base-uri 'none'",
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .send(frame(portal, title, content).text);
}

function frame(portal: string, title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${portal}</title>
${STYLE_ELEMENT}
</head>
<body>
<main>
<p class="portal">${MARK}<span>${portal}</span></p>
${content}
</main>
</body>
</html>
`;
}

/** Three lines of a receding tide. */
export const MARK = html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round">
<path d="M3 9c4.3-4 8.7-4 13 0s8.7 4 13 0"/><path d="M3 17c4.3-4 8.7-4 13 0s8.7 4 13 0" opacity=".65"/><path d="M3 25c4.3-4 8.7-4 13 0s8.7 4 13 0" opacity=".35"/></svg>`;
