/** Search, tabs, the reader's webhook in the examples, and calls from the page. Without it the pages are complete text. */

const SAMPLE_KEY = 'tidemark-sample';
const WEBHOOK_KEY = 'tidemark-webhook';

function recall(storage, key) {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

/** Where the reader does not let pages store anything, it lasts as long as the page. */
function keep(storage, key, value) {
  try {
    if (value === undefined) window[storage].removeItem(key);
    else window[storage].setItem(key, value);
  } catch {
    // Nothing that is stored is needed.
  }
}

function setUpSearch(input) {
  if (!input) return;
  const entries = [...document.querySelectorAll('[data-words]')].map((item) => ({ item, words: `${item.textContent} ${item.dataset.words}`.toLowerCase() }));
  input.addEventListener('input', () => filterEntries(entries, input.value));
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, textarea')) return;
    event.preventDefault();
    input.focus();
  });
  filterEntries(entries, input.value);
}

/** Without words all methods are shown, and nothing of the guide. */
function filterEntries(entries, query) {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  for (const { item, words: text } of entries) {
    const isMethod = item.closest('.methods') !== null;
    item.hidden = !(words.every((word) => text.includes(word)) && (isMethod || words.length > 0));
  }
  for (const group of document.querySelectorAll('.group')) group.hidden = !group.querySelector('[data-words]:not([hidden])');
  const [all, shown] = ['.methods li', '.methods li:not([hidden])'].map((items) => document.querySelectorAll(items).length);
  document.querySelector('#found').textContent = words.length === 0 ? '' : `${shown} of ${all} methods`;
}

function setUpTabs(samples) {
  if (!samples) return;
  const panels = [...samples.querySelectorAll('.sample')];
  const list = document.createElement('div');
  list.className = 'tabs';
  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-label', 'Clients');
  const tabs = panels.map((panel) => makeTab(panel, () => showTab(tabs, panels, panels.indexOf(panel))));
  list.append(...tabs);
  list.addEventListener('keydown', (event) => moveBetweenTabs(event, tabs));
  for (const panel of panels) addCopyButton(panel);
  samples.prepend(list);
  samples.classList.add('tabbed');
  const last = panels.findIndex((panel) => panel.id === recall('localStorage', SAMPLE_KEY));
  showTab(tabs, panels, Math.max(last, 0));
}

function makeTab(panel, onClick) {
  const tab = document.createElement('button');
  tab.type = 'button';
  tab.id = `tab-${panel.id}`;
  tab.textContent = panel.querySelector('h3').textContent;
  tab.setAttribute('role', 'tab');
  tab.setAttribute('aria-controls', panel.id);
  panel.setAttribute('role', 'tabpanel');
  panel.setAttribute('aria-labelledby', tab.id);
  tab.addEventListener('click', onClick);
  return tab;
}

function showTab(tabs, panels, index) {
  tabs.forEach((tab, at) => {
    tab.setAttribute('aria-selected', String(at === index));
    tab.tabIndex = at === index ? 0 : -1;
    panels[at].hidden = at !== index;
  });
  keep('localStorage', SAMPLE_KEY, panels[index].id);
}

function moveBetweenTabs(event, tabs) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
}

function addCopyButton(panel) {
  // Browsers offer the clipboard only to pages that came over TLS or from the same machine.
  if (!navigator.clipboard) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  const copy = async () => {
    await navigator.clipboard.writeText(panel.querySelector('code').textContent);
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  };
  button.addEventListener('click', () => void copy());
  panel.append(button);
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** What a webhook's address says, or why it cannot be used here. It never leaves the browser for any other host. */
function readWebhook(text) {
  const short = /^(\d+)\/(\w+)$/.exec(text);
  if (short) return { user: short[1], code: short[2] };
  if (!URL.canParse(text)) return { problem: 'This is not the address of a webhook.' };
  const url = new URL(text);
  const parts = /^\/+rest\/+(\d+)\/+(\w+)\/*$/.exec(url.pathname);
  if (!parts) return { problem: 'The address of a webhook ends in /rest/<user id>/<code>/.' };
  const bothHere = LOOPBACK.includes(url.hostname) && LOOPBACK.includes(location.hostname);
  const ours = [location.hostname, new URL(document.body.dataset.secure).hostname];
  if (!bothHere && !ours.includes(url.hostname)) return { problem: `This webhook belongs to ${url.host}, not to this portal.` };
  return { user: parts[1], code: parts[2] };
}

function setUpWebhook(input) {
  if (!input) return;
  input.value = recall('sessionStorage', WEBHOOK_KEY) ?? '';
  const blanks = [...document.querySelectorAll('[data-blank]')].map((blank) => ({ blank, before: blank.textContent }));
  const update = () => takeWebhook(input.value.trim(), blanks);
  input.addEventListener('input', update);
  document.querySelector('#forget').addEventListener('click', () => {
    input.value = '';
    update();
    input.focus();
  });
  update();
}

function takeWebhook(text, blanks) {
  const webhook = text === '' ? undefined : readWebhook(text);
  const usable = webhook !== undefined && webhook.problem === undefined;
  keep('sessionStorage', WEBHOOK_KEY, usable ? text : undefined);
  const fillings = usable ? fillingsOf(webhook) : {};
  for (const { blank, before } of blanks) {
    blank.textContent = fillings[blank.dataset.blank] ?? before;
    blank.classList.toggle('filled', blank.dataset.blank in fillings);
  }
  const note = document.querySelector('#webhook-note');
  note.textContent = webhook?.problem ?? 'It stays in this tab of your browser.';
  note.classList.toggle('bad', webhook?.problem !== undefined);
}

function fillingsOf({ user, code }) {
  return {
    webhook: `${location.origin}/rest/${user}/${code}/`,
    'secure-webhook': `${document.body.dataset.secure}/rest/${user}/${code}`,
    'user-and-code': `${user}/${code}`,
  };
}

function setUpCall(button) {
  if (!button) return;
  const params = document.querySelector('#params');
  const callNow = () => void callMethod(button, params.value);
  button.addEventListener('click', callNow);
  params.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) callNow();
  });
}

async function callMethod(button, text) {
  const webhook = readWebhook(document.querySelector('#webhook').value.trim());
  if (webhook.problem !== undefined) return say('Paste your webhook above first.', true);
  if (!isJsonObject(text)) return say('The parameters are not a JSON object.', true);
  button.disabled = true;
  say('Calling…', false);
  try {
    await showAnswer(`/rest/${webhook.user}/${webhook.code}/${button.dataset.method}`, text);
  } catch {
    document.querySelector('#answer').hidden = true;
    say('The portal does not answer.', true);
  } finally {
    button.disabled = false;
  }
}

async function showAnswer(path, body) {
  const began = performance.now();
  const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = await response.json();
  const output = document.querySelector('#answer');
  output.textContent = JSON.stringify(answer, null, 2);
  output.hidden = false;
  say(`HTTP ${response.status}, ${Math.round(performance.now() - began)} ms`, !response.ok);
}

function isJsonObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function say(text, bad) {
  const status = document.querySelector('#status');
  status.textContent = text;
  status.classList.toggle('bad', bad);
}

for (const element of document.querySelectorAll('[data-needs-script]')) element.hidden = false;
document.querySelector('.side [aria-current]')?.scrollIntoView({ block: 'nearest' });
setUpSearch(document.querySelector('#search'));
setUpTabs(document.querySelector('.samples'));
for (const sample of document.querySelectorAll('.guide .sample')) addCopyButton(sample);
setUpWebhook(document.querySelector('#webhook'));
setUpCall(document.querySelector('#call'));
