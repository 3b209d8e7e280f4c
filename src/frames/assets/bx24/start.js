/** Starting: handlers of init run once all is known, and after those of a first run. */
import { known, takeTokens, tell } from './parent.js';

const domHandlers = [];
const initHandlers = [];
const installHandlers = [];
let started = false;
let settingUp = false;

export const isReady = () => document.readyState !== 'loading';

/** What a handler throws is its page's to see, and keeps no other from running. */
export function run(handler) {
  try {
    handler();
  } catch (thrown) {
    setTimeout(() => {
      throw thrown;
    });
  }
}

export function ready(handler) {
  if (isReady()) run(handler);
  else domHandlers.push(handler);
}

function begin() {
  started = true;
  settingUp = false;
  for (const handler of initHandlers.splice(0)) run(handler);
}

function start() {
  if (known.data.FIRST_RUN && installHandlers.length > 0) {
    settingUp = true;
    for (const handler of installHandlers.splice(0)) run(handler);
    return;
  }
  if (known.data.FIRST_RUN) tell('setInstall', { install: true });
  begin();
}

document.addEventListener('DOMContentLoaded', () => {
  for (const handler of domHandlers.splice(0)) run(handler);
});
tell('getInitData', undefined, (given) => {
  known.data = given;
  takeTokens(given);
  ready(start);
});

export function init(handler) {
  if (started) run(handler);
  else initHandlers.push(handler);
}

export function install(handler) {
  installHandlers.push(typeof handler === 'string' ? () => loadScript(handler) : handler);
}

export function installFinish() {
  if (!known.data) return;
  if (known.data.INSTALL) tell('setInstallFinish', {});
  else if (settingUp) {
    tell('setInstall', { install: true });
    begin();
  }
}

export function loadScript(scripts, callback) {
  const [first, ...rest] = [scripts].flat();
  if (first === undefined) return void callback?.();
  const element = Object.assign(document.createElement('script'), { src: first });
  element.onload = element.onerror = () => loadScript(rest, callback);
  document.head.append(element);
}
