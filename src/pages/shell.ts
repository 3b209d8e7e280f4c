/** The HTML of a page that a script fills, and the headers that guard it. */
import type { FastifyReply } from 'fastify';
import { type Html, html } from '../base/html.ts';
import type { Parts } from './built.ts';

export interface Shell {
  portal: string;
  parts: Parts;
  /** What the script is told, by name: it reads it out of the document's head. */
  told: Readonly<Record<string, string>>;
  /** Sources of more than this server, by directive. */
  sources?: Readonly<Record<string, string>>;
}

const POLICY: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'media-src': "'self' blob:",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
};

export function sendShell(reply: FastifyReply, shell: Shell): FastifyReply {
  const policy = Object.entries({ ...POLICY, ...shell.sources }).map(([directive, sources]) => `${directive} ${sources}`);
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      // It names whoever is signed in.
      'cache-control': 'no-store',
    })
    .send(document(shell).text);
}

function document({ portal, parts, told }: Shell): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#F3F5F8" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0E1115" media="(prefers-color-scheme: dark)">
${Object.entries(told).map(([name, value]) => html`<meta name="tidemark:${name}" content="${value}">
`)}<title>${portal}</title>
<link rel="manifest" href="/manifest.webmanifest">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="/icon-180.png">
${parts.styles.map((path) => html`<link rel="stylesheet" href="${path}">
`)}${parts.needed.map((path) => html`<link rel="modulepreload" href="${path}">
`)}<script type="module" src="${parts.script}"></script>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. The <a href="/about">server</a> can be used without.</noscript>
</body>
</html>
`;
}
