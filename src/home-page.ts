import { SCOPES } from './portal/webhooks.ts';

/** The page at `/`: what runs here and how to call it. */
export function homePage(portalName: string, origin: string, methodNames: readonly string[]): string {
  const name = escapeHtml(portalName);
  const base = escapeHtml(`${origin}/rest/<user id>/<webhook code>`);
  const methods = methodNames.map((method) => `<li><code>${escapeHtml(method)}</code></li>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
  h1 { line-height: 1.2; }
  pre, code { font: 14px/1.5 ui-monospace, monospace; }
  pre { padding: 1rem; border: 1px solid #8886; border-radius: 8px; overflow-x: auto; }
  ul { columns: 16rem; padding-left: 1.2rem; }
</style>
</head>
<body>
<h1>${name}</h1>
<p>A Tidemark messenger server runs here. It speaks the <code>im.*</code> REST API compatible with the Bitrix24 REST
API, starting from the recent list.</p>
<h2>Call it</h2>
<p>The server printed a webhook when it started. Another one:</p>
<pre>npm run -s tidemark -- webhook add --user 1 --scope im,user</pre>
<p>Then:</p>
<pre>curl -H 'Content-Type: application/json' \\
  -d '{"SKIP_OPENLINES":"Y"}' \\
  ${base}/im.recent.get</pre>
<h2>Methods</h2>
<ul>${methods}</ul>
<h2>Scopes</h2>
<p>${SCOPES.map((scope) => `<code>${escapeHtml(scope)}</code>`).join(', ')}</p>
<h2>Health</h2>
<p><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></p>
</body>
</html>
`;
}

/** Text made safe between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
