/** What applications see of it. */
import { callBatch, callBind, callMethod, callUnbind } from './calls.js';
import { domain, getAuth, known, refreshAuth, tell } from './parent.js';
import { init, install, installFinish, isReady, loadScript, ready } from './start.js';

const optionsIn = (list, command, mayChange) => ({
  get: (name) => known.data?.[list]?.[name],
  set(name, value, callback) {
    if (!mayChange()) return;
    known.data[list][name] = value;
    tell(command, { name, value }, callback);
  },
});

const isAdmin = () => known.data?.IS_ADMIN === true;

/** Titles of dialogs may come before the handler; the dialogs here have their own. */
const handlerIn = (args) => args.find((arg) => typeof arg === 'function');

function getScrollSize() {
  const { documentElement: root, body } = document;
  return {
    scrollWidth: Math.max(root.scrollWidth, root.offsetWidth, body?.scrollWidth ?? 0),
    scrollHeight: Math.max(body?.scrollHeight ?? 0, body?.offsetHeight ?? 0, root.offsetHeight),
  };
}

const proxies = new WeakMap();
let caller = null;

/** The function with a `this` of its own; the same for the same two, so that it can be unbound. */
function proxy(handler, context) {
  const bound = proxies.get(handler) ?? new Map();
  proxies.set(handler, bound);
  if (!bound.has(context)) {
    bound.set(context, function (...args) {
      caller = this;
      return handler.apply(context, args);
    });
  }
  return bound.get(context);
}

window.BX24 = {
  init, install, installFinish, getAuth, refreshAuth, callMethod, callBatch, callBind, callUnbind, isAdmin, getScrollSize, loadScript, proxy, ready, isReady,
  getLang: () => known.data?.LANG,
  getDomain: () => domain,
  appOption: optionsIn('APP_OPTIONS', 'setAppOption', isAdmin),
  userOption: optionsIn('USER_OPTIONS', 'setUserOption', () => known.data !== undefined),
  resizeWindow(width, height, callback) {
    if (Number(height) > 0 && (width === '100%' || Number(width) > 0)) tell('resizeWindow', { width, height }, callback);
  },
  fitWindow: (callback) => window.BX24.resizeWindow('100%', getScrollSize().scrollHeight, callback),
  reloadWindow: (callback) => tell('reloadWindow', undefined, callback),
  setTitle: (title, callback) => tell('setTitle', { title: String(title) }, callback),
  scrollParentWindow: (scroll, callback) => tell('setScroll', { scroll }, callback),
  openApplication: (params, callback) => (typeof params === 'function' ? tell('openApplication', {}, params) : tell('openApplication', params ?? {}, callback)),
  closeApplication: (callback) => tell('closeApplication', undefined, callback),
  openPath: (path, callback) => tell('openPath', { path }, callback),
  selectUser: (...args) => tell('selectUser', { mult: false }, (person) => person && handlerIn(args)?.(person)),
  selectUsers: (...args) => tell('selectUser', { mult: true }, handlerIn(args)),
  selectAccess: (...args) => tell('selectAccess', { value: args.find(Array.isArray) ?? [] }, handlerIn(args)),
  selectCRM: (...args) => tell('selectCRM', args.find((arg) => typeof arg === 'object') ?? {}, handlerIn(args)),
  im: {
    callTo: (userId, video = true) => tell('imCallTo', { userId, video }),
    phoneTo: (phone) => tell('imPhoneTo', { phone }),
    openMessenger: (dialogId) => tell('imOpenMessenger', { dialogId }),
    openHistory: (dialogId) => tell('imOpenHistory', { dialogId }),
  },
  placement: {
    info: () => ({ placement: known.data?.PLACEMENT, options: known.data?.PLACEMENT_OPTIONS }),
    getInterface: (callback) => tell('getInterface', undefined, callback),
    call: (command, params, callback) => (typeof params === 'function' ? tell(command, undefined, params) : tell(command, params, callback)),
    bindEvent: (event, callback) => tell('placementBindEvent', { event }, callback, true),
  },
  bind: (element, event, handler) => element.addEventListener(event, handler),
  unbind: (element, event, handler) => element.removeEventListener(event, handler),
  proxyContext: () => caller,
  canUse: (name) => name.split('.').reduce((part, key) => part?.[key], window.BX24) !== undefined,
};
