/** Calls as applications in a browser make them. The tests run these functions in the page. */

/** JSON by POST, for which the browser asks for permission first. */
window.callAsJson = async (url, params) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) });
  return { status: response.status, body: await response.json() };
};

/** With a token in a header, as generic HTTP code sends it, and whatever else calls accept. */
window.callWithHeaders = async (url, params, headers) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(params) });
  return { status: response.status, body: await response.json() };
};

/** A call without parameters in the body, as the browser itself would make it; the text of its answer and its tag. */
window.callAsGet = async (url, headers) => {
  const response = await fetch(url, { headers });
  return { status: response.status, etag: response.headers.get('etag'), text: await response.text() };
};

/** The call of BX24.js: a string without a type, for which the browser does not ask. */
window.callAsBx24 = (url, params) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.onload = () => resolve({ status: request.status, type: request.getResponseHeader('content-type'), text: request.responseText });
    request.onerror = () => reject(new Error('the browser does not hand over the answer'));
    request.send(pairsOf(params).join('&'));
  });

/** `a[b][0]=…`: names and values are escaped, brackets are not. */
function pairsOf(value, name) {
  if (typeof value !== 'object') return [`${name}=${encodeURIComponent(value)}`];
  if (Array.isArray(value) && value.length === 0) return [`${name}=`];
  return Object.entries(value).flatMap(([key, member]) => pairsOf(member, name === undefined ? encodeURIComponent(key) : `${name}[${encodeURIComponent(key)}]`));
}

/** A command of a batch as BX24.js writes it. */
window.commandOf = (method, params) => `${method}?${pairsOf(params).join('&')}`;

window.callAsXml = async (url, params) => {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(params) });
  const document = new DOMParser().parseFromString(await response.text(), 'text/xml');
  return { type: response.headers.get('content-type'), texts: [...document.querySelectorAll('message > text')].map((element) => element.textContent) };
};

/** The official SDK with tokens: calls one after another. Tells the results and how often it has got new tokens. */
window.callBySdk = async ({ tokens, secret, calls }) => {
  const b24 = new window.B24Js.B24OAuth(tokens, secret);
  b24.offClientSideWarning();
  let renewed = 0;
  b24.setCallbackRefreshAuth(async () => void (renewed += 1));
  const results = [];
  for (const call of calls) results.push((await b24.actions.v2.call.make(call)).getData().result);
  return { results, renewed };
};

/** The official SDK in a frame of the portal: the page around it gives the tokens. */
window.callInFrame = async (calls) => {
  const b24 = await window.B24Js.initializeB24Frame();
  const results = [];
  for (const call of calls) results.push((await b24.actions.v2.call.make(call)).getData().result);
  return results;
};

/** Calls of a page of the portal, by the session of whoever is signed in, as the SDK's clients make them. */
function b24OfPage(sessid) {
  const make = async ({ method, params }) => {
    const { status, body } = await window.callWithHeaders(`/rest/${method}`, params, { 'x-bitrix-csrf-token': sessid });
    if (body.error) throw Object.assign(new Error(body.error), { code: body.error, status });
    return { getData: () => body };
  };
  return { actions: { v2: { call: { make } } } };
}

/** The official SDK's client of push, unmodified: what it is told is kept, oldest first. `application`: by its tokens, with the secret; `sessid`: by a session. */
window.startPull = async ({ hook, application, sessid, userId }) => {
  const b24 = sessid ? b24OfPage(sessid) : hook ? new window.B24Js.B24Hook(hook) : new window.B24Js.B24OAuth(application.tokens, application.secret);
  b24.offClientSideWarning?.();
  const pull = new window.B24Js.B24PullClientManager({ b24, userId, ...(application ? { restApplication: 'orders' } : { siteId: 's1' }) });
  window.told = [];
  window.statuses = [];
  const keep = (type) => (data) => window.told.push({ type, ...data });
  for (const moduleId of ['im', 'application', 'tidemark']) pull.subscribe({ moduleId, callback: keep('server') });
  pull.subscribe({ type: 'client', moduleId: 'call', callback: keep('client') });
  pull.subscribe({ type: 'status', callback: ({ status }) => window.statuses.push(status) });
  window.pull = pull;
  await pull.start();
  return pull.getDebugInfo();
};

window.pullDoes = (method, ...args) => window.pull[method](...args);
