/** The page around an application: shows it in a frame, and answers what its page asks for. */
import { choosePeople } from './choose.js';

const stage = document.querySelector('#stage');
const PROTOCOL = location.protocol === 'https:' ? 1 : 0;
const LANG = 'en';
/** Of a message, UTF-16 units: an option is the longest thing that there is to say. */
const LONGEST_MESSAGE = 200_000;
/** Views of the application one above the other. */
const MOST_VIEWS = 5;
/** What the browser lets an application do besides. */
const ALLOW = 'clipboard-read; clipboard-write; fullscreen';
/** For commands that nobody waits for. */
const NO_ANSWER = Symbol('no answer');
const NOT_HERE = { result: 'error', errorCode: 'METHOD_NOT_SUPPORTED_ON_DEVICE' };

/** What is shown of the application; the page's own first, those that were opened above it after it. */
const views = [];

/** Asks the portal. Throws what it says against it. */
async function ask(step, fields = {}) {
  const response = await fetch(`${stage.dataset.path}${step}`, { method: 'POST', body: new URLSearchParams({ token: stage.dataset.token, ...fields }) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error_description);
  return answer.result;
}

/** For what the user has to know: the application cannot go on. */
function notify(text) {
  const notice = document.querySelector('#notice');
  notice.querySelector('span').textContent = text;
  notice.hidden = false;
}

class View {
  /** @param place the element that the frame is put into @param title called with titles that the application gives itself */
  constructor(place, options, title) {
    this.place = place;
    this.options = options;
    this.title = title;
    this.sid = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    this.frame = document.createElement('iframe');
    this.frame.name = `${location.host}|${PROTOCOL}|${this.sid}`;
    this.frame.title = stage.dataset.title;
    this.frame.allow = ALLOW;
  }

  async open() {
    const { url, fields, init } = await ask('open');
    this.origin = new URL(url).origin;
    this.init = init;
    this.opened = performance.now();
    views.push(this);
    this.place.append(this.frame);
    const placement = { PLACEMENT: 'DEFAULT', PLACEMENT_OPTIONS: JSON.stringify(this.options) };
    post(addressWith(url, { DOMAIN: location.host, PROTOCOL, LANG, APP_SID: this.sid }), { ...fields, ...placement }, this.frame.name);
  }

  initData() {
    const passed = Math.floor((performance.now() - this.opened) / 1000);
    const AUTH_EXPIRES = Math.max(0, this.init.AUTH_EXPIRES - passed);
    return { ...this.init, AUTH_EXPIRES, DOMAIN: location.host, PROTOCOL, LANG, PLACEMENT: 'DEFAULT', PLACEMENT_OPTIONS: this.options };
  }

  /** However often it is asked for at once, there is one new pair of tokens. */
  async refresh() {
    this.refreshing ??= ask('refresh').finally(() => (this.refreshing = undefined));
    const tokens = await this.refreshing;
    this.opened = performance.now();
    Object.assign(this.init, tokens);
    return tokens;
  }

  resize({ width, height }) {
    if (Number(height) > 0) this.frame.style.height = `${Math.min(Number(height), 50_000)}px`;
    if (Number(width) > 0) this.frame.style.width = `${Math.min(Number(width), 10_000)}px`;
    else if (width === '100%') this.frame.style.width = '100%';
    return { width: this.frame.offsetWidth, height: this.frame.offsetHeight };
  }

  async receive({ command, params, callback }) {
    const answer = await this.perform(command, params);
    if (answer === NO_ANSWER || callback === '') return;
    this.frame.contentWindow?.postMessage(`${callback}:${JSON.stringify(answer ?? null)}`, this.origin);
  }

  async perform(command, params) {
    try {
      return Object.hasOwn(COMMANDS, command) ? await COMMANDS[command](this, params) : NOT_HERE;
    } catch (refused) {
      if (command !== 'refreshAuth') return { result: 'error', errorCode: refused.message };
      // Without new tokens the application cannot go on, and the libraries know no answer that says so.
      notify(refused.message);
      return NO_ANSWER;
    }
  }
}

/** The address with more in its query, whatever there is of one already. */
function addressWith(url, params) {
  const address = new URL(url);
  address.search = [address.search.slice(1), new URLSearchParams(params)].filter((part) => String(part) !== '').join('&');
  return address.href;
}

function post(action, fields, target) {
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action, target, hidden: true });
  for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  document.body.append(form);
  form.submit();
  form.remove();
}

const COMMANDS = {
  getInitData: (view) => view.initData(),
  refreshAuth: (view) => view.refresh(),
  async setInstall() {
    await ask('visited');
    for (const each of views) each.init.FIRST_RUN = each.init.INSTALL;
    return true;
  },
  async setInstallFinish(view) {
    if (!view.init.INSTALL) return true;
    await ask('installed');
    // The answer goes first.
    setTimeout(() => location.reload());
    return true;
  },
  setAppOption: (view, params) => keepOption('app', 'APP_OPTIONS', params),
  setUserOption: (view, params) => keepOption('user', 'USER_OPTIONS', params),
  resizeWindow: (view, params) => view.resize(params),
  reloadWindow: () => location.reload(),
  setTitle: (view, { title = '' }) => void (view.title.textContent = String(title)),
  setScroll: (view, { scroll = 0 }) => window.scrollTo({ top: Number(scroll) || 0 }),
  openApplication: (view, params) => openLayer(params),
  closeApplication: (view) => void view.place.closest('dialog')?.close(),
  openPath: (view, { path = '' }) => openPath(String(path)),
  imOpenMessenger: (view, { dialogId = '' }) => openDialog(dialogId),
  imOpenHistory: (view, { dialogId = '' }) => openDialog(dialogId),
  imCallTo: () => NO_ANSWER,
  imPhoneTo: () => NO_ANSWER,
  async selectUser(view, { mult }) {
    const chosen = (await choosePeople(ask, { multiple: mult === true })).map(toUser);
    return mult === true ? chosen : (chosen[0] ?? null);
  },
  async selectAccess() {
    return (await choosePeople(ask, { multiple: true, everybody: true })).map(toAccess);
  },
  // There are no such things here, so nothing of them can be chosen.
  selectCRM: () => ({}),
  showAppForm: () => NO_ANSWER,
  getInterface: () => ({ command: Object.keys(COMMANDS), event: [] }),
  // An answer would be the event.
  placementBindEvent: () => NO_ANSWER,
};

async function keepOption(whose, list, { name = '', value = null }) {
  await ask('option', { whose, name, value: JSON.stringify(value) });
  for (const { init } of views) init[list] = { ...init[list], [name]: value };
  return true;
}

function toUser({ id, name, position, photo }) {
  return { id: String(id), name, position, photo, url: `/company/personal/user/${id}/`, sub: false, sup: false };
}

function toAccess({ id, name }) {
  return id === 0 ? { id: 'AU', name, provider: '' } : { id: `U${id}`, name, provider: '' };
}

/** Shows the application once more above the page. Resolves when that is closed. */
async function openLayer(params) {
  if (views.length >= MOST_VIEWS) throw new Error('Too many are open');
  const layer = document.querySelector('#layer').content.firstElementChild.cloneNode(true);
  const heading = layer.querySelector('h2');
  const settings = Object.entries(params).filter(([name]) => name.startsWith('bx24_'));
  const options = Object.fromEntries(Object.entries(params).filter(([name]) => !name.startsWith('bx24_')));
  const { bx24_title: title = stage.dataset.title, bx24_width: width } = Object.fromEntries(settings);
  heading.textContent = String(title);
  layer.setAttribute('aria-label', String(title));
  if (Number(width) > 0) layer.style.width = `${Number(width)}px`;
  document.body.append(layer);
  const view = new View(layer.querySelector('.place'), { ...options, IFRAME: 'Y', IFRAME_TYPE: 'SIDE_SLIDER' }, heading);
  layer.showModal();
  const closed = new Promise((resolve) => layer.addEventListener('close', resolve, { once: true }));
  try {
    await view.open();
    await closed;
  } finally {
    const index = views.indexOf(view);
    // What it had opened above it goes with it.
    if (index > 0) for (const { place } of views.splice(index)) place.closest('dialog').remove();
    layer.remove();
  }
  return null;
}

/** What of the vendor's portal there is here. */
const PATHS = /^\/(?:$|online\/|marketplace\/|company\/personal\/user\/\d+\/)/;

function openPath(path) {
  const { origin, pathname, search, searchParams } = new URL(path, location.origin);
  if (origin !== location.origin || !PATHS.test(pathname)) return { result: 'error', errorCode: 'PATH_NOT_AVAILABLE' };
  if (pathname === stage.dataset.path) return openLayer(placementOf(searchParams)).then(() => ({ result: 'close' }));
  return untilClosed(window.open(pathname + search, '_blank'));
}

function untilClosed(tab) {
  if (!tab) return { result: 'error', errorCode: 'PATH_NOT_AVAILABLE' };
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!tab.closed) return;
      clearInterval(timer);
      resolve({ result: 'close' });
    }, 500);
  });
}

function openDialog(dialogId) {
  const id = String(dialogId);
  window.open(/^(?:chat|sg)?\d+$/.test(id) ? `/#/${id}` : '/', '_blank');
  return NO_ANSWER;
}

/** What the address gives to the application: `params[name]=value`. */
function placementOf(query) {
  const named = [...query].map(([name, value]) => [/^params\[([^[\]]+)\]$/.exec(name)?.[1], value]);
  return Object.fromEntries(named.filter(([name]) => name !== undefined));
}

/**
 * A command in any of the shapes in which the libraries send one: `name:params:callback:sid`, of which the parameters may be
 * empty, or missing together with their colon; and an object where the name has a colon. Parameters may have any.
 */
function parse(data) {
  if (typeof data === 'object' && data !== null) {
    const { method, params, callback, appSid } = data;
    return { command: String(method), params: paramsOf(params), callback: String(callback ?? ''), sid: String(appSid ?? '') };
  }
  if (typeof data !== 'string' || data.length > LONGEST_MESSAGE) return undefined;
  const [, command, text = '', callback, sid] = /^([^:]+):(?:(.*):)?([^:]*):([^:]*)$/s.exec(data) ?? [];
  return command === undefined ? undefined : { command, params: paramsOf(text), callback, sid };
}

/** What is no map of parameters is none. */
function paramsOf(given) {
  try {
    const params = typeof given === 'string' ? JSON.parse(given) : given;
    return typeof params === 'object' && params !== null ? params : {};
  } catch {
    return {};
  }
}

/** Only what comes out of one of our frames while its own application is in it, and knows how it was opened. */
window.addEventListener('message', ({ source, origin, data }) => {
  const view = views.find(({ frame }) => frame.contentWindow === source);
  if (!view || origin !== view.origin) return;
  const message = parse(data);
  if (message && (message.sid === view.sid || message.sid === '')) void view.receive(message);
});
document.querySelector('#notice button').addEventListener('click', () => location.reload());

new View(stage, placementOf(new URLSearchParams(location.search)), document.querySelector('#title')).open().catch((refused) => notify(refused.message));
