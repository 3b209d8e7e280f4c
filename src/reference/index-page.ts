/** The first page of the reference: all methods, searchable, and how to call them. */
import { COMMAND } from '../base/program.ts';
import { type Html, html } from '../base/html.ts';
import { methodPath, methodSide, type Reader, renderPage, scopeTitle } from './layout.ts';
import { GUIDE_PATH } from './guide/contents.ts';
import type { ShownPage } from './guide/guide.ts';
import type { MethodReference, Reference } from './reference.ts';

export function renderIndex(reference: Reference, reader: Reader, guide: readonly ShownPage[]): string {
  const groups = [...reference.scopes()].map(([scope, methods]) => group(scope, methods));
  const main = html`<h1>Methods of this portal</h1>
<p class="lead">${reference.methods.length} methods, taken from the declarations that this server runs on. New here? <a href="${GUIDE_PATH}">The guide</a> begins at the beginning.</p>
<div class="search" data-needs-script hidden>
<label for="search">Search methods, parameters, errors and the guide</label>
<input id="search" type="search" autocomplete="off" spellcheck="false" aria-describedby="found">
<p id="found" class="note" role="status"></p>
</div>
${guideGroup(guide)}${groups}
${howToCall(reader)}
${otherForms(reader)}`;
  return renderPage(reader, { title: 'Methods · Tidemark REST reference', main, side: methodSide(reference) });
}

function group(scope: string, methods: readonly MethodReference[]): Html {
  return html`<section class="group" aria-labelledby="scope-${scope}">
<h2 id="scope-${scope}">${scopeTitle(scope)}</h2>
<ul class="methods">${methods.map(entry)}</ul>
</section>
`;
}

/** What is searched beside the visible text goes into an attribute. */
function entry(method: MethodReference): Html {
  const words = [...method.params.map((p) => `${p.name} ${p.description}`), ...method.errors.map((e) => `${e.code} ${e.text}`)].join(' ');
  return html`<li data-words="${words}"><a href="${methodPath(method.name)}"><code>${method.name}</code><span>${method.summary}</span></a></li>
`;
}

/** What a search finds in the guide; nothing of it is shown before. */
function guideGroup(guide: readonly ShownPage[]): Html {
  const found = guide.flatMap(({ name, about, title, headings }) => [
    html`<li data-words="guide" hidden><a href="${GUIDE_PATH}${name}">${title}</a> <span>${about}</span></li>
`,
    ...headings.map(({ text, anchor }) => html`<li data-words="guide" hidden><a href="${GUIDE_PATH}${name}#${anchor}">${text}</a> <span>${title}</span></li>
`),
  ]);
  return html`<section class="group" aria-labelledby="in-guide" hidden>
<h2 id="in-guide">In the guide</h2>
<ul class="places">${found}</ul>
</section>
`;
}

function howToCall({ origin }: Reader): Html {
  return html`<section>
<h2 id="calling">Calling</h2>
<p>Send the parameters as JSON or as a form, by POST or in the query. Names of methods and parameters may be written in capitals or not.</p>
<dl class="facts">
<dt>With a webhook</dt><dd><code>${origin}/rest/&lt;user id&gt;/&lt;webhook code&gt;/&lt;method&gt;</code></dd>
<dt>With a token</dt><dd><code>${origin}/rest/&lt;method&gt;</code> and the parameter <code>auth</code></dd>
<dt>A webhook of your own</dt><dd><code>${COMMAND} webhook add --user 1 --scope im,user</code></dd>
</dl>
</section>
`;
}

function otherForms({ origin }: Reader): Html {
  return html`<section>
<h2 id="machines">For programs</h2>
<dl class="facts">
<dt>OpenAPI 3.1</dt><dd><a href="/openapi.json"><code>${origin}/openapi.json</code></a></dd>
<dt>MCP over HTTP</dt><dd><code>${origin}/mcp</code></dd>
<dt>MCP over stdio</dt><dd><code>${COMMAND} mcp --webhook &lt;address&gt;</code></dd>
<dt>Command line</dt><dd><code>${COMMAND} call im.recent.get --SKIP_OPENLINES Y</code></dd>
</dl>
</section>
`;
}
