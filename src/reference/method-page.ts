/** The page of one method. */
import { type Html, html } from '../base/html.ts';
import type { ErrorDeclaration } from '../base/declared-error.ts';
import { type Field, type FieldTable, resultFields, type TypePiece } from './field-tables.ts';
import { methodSide, type Reader, renderPage } from './layout.ts';
import type { MethodReference, ParamReference, Reference } from './reference.ts';
import { type Blank, type Sample, samplesOf } from './samples.ts';

export function renderMethod(reference: Reference, reader: Reader, method: MethodReference): string {
  const main = html`<p class="crumb"><a href="/docs/">Methods</a></p>
<h1><code>${method.name}</code></h1>
<p class="lead">${method.summary}.</p>
<p class="tags">${scopeTag(method)}<span class="tag">POST or GET</span></p>
${parameters(method.params)}
${examples(method, reader)}
${tryIt(method)}
${result(reference, method)}
${errors(reference, method)}`;
  return renderPage(reader, { title: `${method.name} · Tidemark REST reference`, main, side: methodSide(reference, method) });
}

function scopeTag({ scope }: MethodReference): Html {
  return scope === null ? html`<span class="tag">no scope needed</span>` : html`<span class="tag">scope <code>${scope}</code></span>`;
}

function parameters(params: readonly ParamReference[]): Html {
  const table = html`<table>
<thead><tr><th scope="col">Name</th><th scope="col">Description</th></tr></thead>
<tbody>${params.map(parameter)}</tbody>
</table>`;
  return html`<section aria-labelledby="parameters">
<h2 id="parameters">Parameters</h2>
${params.length === 0 ? html`<p>None.</p>` : table}
</section>`;
}

/** How a value of a kind is written, where its name does not say it. */
const SPELLINGS: Readonly<Record<string, string>> = { boolean: 'boolean, Y or N', date: 'date, ISO 8601' };

function parameter({ name, type, required, description }: ParamReference): Html {
  const mark = required ? html` <span class="required">required</span>` : undefined;
  return html`<tr><th scope="row"><code>${name}</code>${mark}<span class="type">${SPELLINGS[type] ?? type}</span></th><td>${description}</td></tr>
`;
}

function examples(method: MethodReference, reader: Reader): Html {
  return html`<section aria-labelledby="examples">
<h2 id="examples">Examples</h2>
<div class="hook" data-needs-script hidden>
<label for="webhook">Your webhook, to fill it into the examples</label>
<div class="row"><input id="webhook" type="text" inputmode="url" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="${reader.origin}/rest/1/…/" aria-describedby="webhook-note"><button type="button" id="forget">Forget</button></div>
<p id="webhook-note" class="note" role="status">It stays in this tab of your browser.</p>
</div>
<div class="samples">${samplesOf(method).map((sample) => sampleOf(sample, reader))}</div>
</section>`;
}

function sampleOf({ id, title, text }: Sample, reader: Reader): Html {
  const pieces = text.map((piece) => (typeof piece === 'string' ? html`${piece}` : filled(piece.blank, reader)));
  return html`<div class="sample" id="sample-${id}"><h3>${title}</h3><pre tabindex="0"><code>${pieces}</code></pre></div>
`;
}

const CODE = 'put_your_webhook_here';

/** A blank before the reader has filled it in. */
function filled(blank: Blank, { origin, secure }: Reader): Html {
  const texts: Record<Blank, string> = {
    webhook: `${origin}/rest/1/${CODE}/`,
    'secure-webhook': `${secure}/rest/1/${CODE}`,
    'secure-host': new URL(secure).host,
    'user-and-code': `1/${CODE}`,
    portal: origin,
    token: 'put_access_token_here',
  };
  return html`<span class="blank" data-blank="${blank}">${texts[blank]}</span>`;
}

function tryIt({ name, example }: MethodReference): Html {
  const params = JSON.stringify(example, null, 2);
  return html`<section aria-labelledby="try" data-needs-script hidden>
<h2 id="try">Try it</h2>
<p>Calls this portal with your webhook, for real: what a method changes is changed.</p>
<label for="params">Parameters, JSON</label>
<textarea id="params" rows="${params.split('\n').length + 1}" autocomplete="off" autocapitalize="off" spellcheck="false">${params}</textarea>
<p><button type="button" id="call" class="main" data-method="${name}">Call <code>${name}</code></button></p>
<p id="status" class="note" role="status"></p>
<pre id="answer" tabindex="0" hidden></pre>
</section>`;
}

function result(reference: Reference, method: MethodReference): Html {
  const { type, tables } = resultFields(method.result, reference.named);
  return html`<section aria-labelledby="result">
<h2 id="result">Result</h2>
<p><code>result</code>: ${typeOf(type)}</p>
<p>Beside it stands <code>time</code>, when the call was made and how long it took. Lists in pages have <code>next</code> and <code>total</code> as well.</p>
${tables.map(fieldTable)}
${headers(method)}
</section>`;
}

function headers(method: MethodReference): Html | undefined {
  const fields = Object.entries(method.headers).map(([name, description]) => ({ name, description, type: [], optional: false }));
  return fields.length === 0 ? undefined : fieldTable({ title: 'Headers', fields });
}

function fieldTable({ title, fields }: FieldTable): Html {
  return html`<h3 id="${anchorOf(title)}"><code>${title}</code></h3>
<table>
<thead><tr><th scope="col">Field</th><th scope="col">Description</th></tr></thead>
<tbody>${fields.map(fieldRow)}</tbody>
</table>
`;
}

function fieldRow({ name, type, optional, description }: Field): Html {
  const mark = optional ? html` <span class="optional">optional</span>` : undefined;
  return html`<tr><th scope="row"><code>${name}</code>${mark}<span class="type">${typeOf(type)}</span></th><td>${description}</td></tr>
`;
}

function typeOf(type: readonly TypePiece[]): Html[] {
  return type.map(({ text, table }) => (table === undefined ? html`${text}` : html`<a href="#${anchorOf(table)}">${text}</a>`));
}

function anchorOf(title: string): string {
  return `result-${title.replaceAll(/[^\w]+/g, '-')}`;
}

function errors(reference: Reference, method: MethodReference): Html {
  return html`<section aria-labelledby="errors">
<h2 id="errors">Errors</h2>
<p>The answer then has <code>error</code> and <code>error_description</code>; programs should look at the code, not at the text.</p>
${method.errors.length === 0 ? html`<p>None of its own.</p>` : errorTable(method.errors)}
<details><summary>Errors of any call</summary>
${errorTable(reference.commonErrors)}
</details>
</section>`;
}

function errorTable(declared: readonly ErrorDeclaration[]): Html {
  const rows = declared.map(
    ({ status, code, text }) => html`<tr><th scope="row"><code>${code}</code><span class="type">HTTP ${status}</span></th><td>${text}</td></tr>
`,
  );
  return html`<table>
<thead><tr><th scope="col">Code</th><th scope="col">Text</th></tr></thead>
<tbody>${rows}</tbody>
</table>`;
}
