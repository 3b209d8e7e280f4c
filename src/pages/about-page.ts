/** The page at `/about`: what runs here, where it is described and how to call it. */
import { COMMAND } from '../base/program.ts';
import { type Html, html } from '../base/html.ts';

export interface About {
  /** Name of the portal. */
  name: string;
  /** Scheme, host and port as the reader wrote them. */
  origin: string;
  /** Whether the documentation is shown. */
  docs: boolean;
}

export function aboutPage({ name, origin, docs }: About): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#d5e0e1, #2b3a3e); --quiet: light-dark(#54686d, #94a9ad); --accent: light-dark(#0a6a74, #63cbd3); }
  body {
    font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1.1rem; overflow-wrap: anywhere;
    background: light-dark(#fff, #101719); color: light-dark(#16262a, #dbe7e8);
  }
  h1 { line-height: 1.2; margin-bottom: 0.5rem; }
  h2 { font-size: 1.2rem; margin: 2.25rem 0 0.5rem; }
  a { color: var(--accent); text-underline-offset: 0.2em; }
  pre, code { font: 14px/1.5 ui-monospace, monospace; }
  pre { padding: 0.9rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: light-dark(#f3f7f7, #172124); overflow-x: auto; }
  ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
  li { padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  li span { display: block; color: var(--quiet); font-size: 0.9375rem; }
</style>
</head>
<body>
<main>
<h1>${name}</h1>
<p>A Tidemark messenger server runs here. It speaks the <code>im.*</code> REST API compatible with the Bitrix24 REST
API, starting from the recent list.</p>
<ul>${link('/', 'Inbox', 'Read and write messages, in the browser.')}
${docs ? documents() : undefined}
${link('/sign-in/', 'Sign in', 'Let applications act in your name, see who is signed in, sign out.')}</ul>
<h2>Call it</h2>
<p>Make a webhook:</p>
<pre tabindex="0">${COMMAND} webhook add --user 1 --scope im,user</pre>
<p>Then:</p>
<pre tabindex="0">curl -H 'Content-Type: application/json' \\
  -d '{"SKIP_OPENLINES":"Y"}' \\
  '${origin}/rest/&lt;user id&gt;/&lt;webhook code&gt;/im.recent.get'</pre>
<h2>Watch it</h2>
<p><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></p>
</main>
</body>
</html>
`.text;
}

function documents(): Html[] {
  return [
    link('/docs/', 'Methods', 'All parameters, results and errors, with examples for every client and calls from the page.'),
    link('/openapi.json', 'OpenAPI', 'The same for programs.'),
  ];
}

function link(path: string, title: string, text: string): Html {
  return html`<li><a href="${path}">${title}</a><span>${text}</span></li>`;
}
