/** The pages around applications: one shows an application in a frame, the other says which there are. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { html } from '../base/html.ts';
import type { AppRow } from '../db/stores/app-store.ts';
import { framePath, placeOf } from '../identity/applications.ts';
import { MARK, type Page } from '../oauth/page.ts';

interface Host {
  /** Name of the portal. */
  portal: string;
  app: AppRow;
  /** Proves that a call came from this page. */
  token: string;
}

/** Sends the page. Nothing but the application's own site may be shown in it, or be sent anything by it. */
export function sendHost(reply: FastifyReply, { portal, app, token }: Host): FastifyReply {
  const site = new URL(placeOf(app)).origin;
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-src ${site}; form-action ${site}; `
        + "frame-ancestors 'none'; base-uri 'none'",
      'x-frame-options': 'DENY',
      // Applications may want to see that it was the portal that opened them.
      'referrer-policy': 'origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .send(hostPage(portal, app, token));
}

function hostPage(portal: string, app: AppRow, token: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${app.title} · ${portal}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/marketplace/frame.css">
<script src="/marketplace/frame.js" type="module"></script>
</head>
<body>
<header><a href="/marketplace/" aria-label="Applications of ${portal}">${MARK}</a><h1 id="title">${app.title}</h1></header>
<p id="notice" role="alert" hidden><span></span> <button type="button">Load the page again</button></p>
<main id="stage" data-path="${framePath(app)}" data-token="${token}" data-title="${app.title}"></main>
${TEMPLATES}
<noscript><p>Applications need JavaScript.</p></noscript>
</body>
</html>
`.text;
}

/** What the page opens above itself: the application once more, and the choice of people. */
const TEMPLATES = html`<template id="layer"><dialog class="layer">
<header><h2></h2><form method="dialog"><button>Close</button></form></header><div class="place"></div>
</dialog></template>
<template id="people"><dialog class="people" aria-label="People">
<form method="dialog"><label>Name, position or department <input type="search" autocomplete="off" autofocus></label><ul></ul>
<menu><button value="">Cancel</button><button class="main" value="done">Choose</button></menu></form>
</dialog></template>`;

/** Whether the application has its page where the portal is: there it would be the portal, so it is never shown. */
export function isOnPortal(app: AppRow, origins: readonly string[]): boolean {
  return origins.includes(new URL(placeOf(app)).origin);
}

export function listPage(apps: readonly AppRow[]): Page {
  const list = html`<ul class="links">${apps.map((app) => html`<li><a href="${framePath(app)}">${app.title}</a>${app.installed === 0 ? html` <small>to be set up</small>` : undefined}</li>`)}</ul>`;
  const none = html`<p class="soft">There is none yet that opens here for you.</p>`;
  return { status: 200, title: 'Applications', content: html`<h1>Applications</h1>${apps.length > 0 ? list : none}<p class="foot"><a href="/">Back to the messages</a></p>` };
}

/** With one slash in front: two would name another server. */
export function backTo(request: FastifyRequest): string {
  return (request.raw.url ?? '').replace(/^\/*/, '/');
}
