/** What is said to the page around this one, and what it has told: who is there, with which tokens. */
const [portalDomain, protocol, sid] = window.name.split('|');
/** Host and port of the portal. */
export const domain = portalDomain;
if (!domain || !sid) {
  window.BX24 = null;
  throw new Error('Unable to initialize Bitrix24 JS library! The page is not in a frame of the portal.');
}
const scheme = protocol === '1' ? 'https' : 'http';
/** Its origin. */
export const portal = `${scheme}://${domain.replace(scheme === 'https' ? /:443$/ : /:80$/, '')}`;
/** For new tokens from the page around this one, milliseconds: it says nothing when it has none. */
const REFRESH_TIMEOUT = 10000;

/** What the page around this one has told, `data`: undefined until it has; and when the token in it expires. */
export const known = { data: undefined, expiresAt: 0 };

/** Who waits for an answer, by what they are called in it. */
const waiting = new Map();

export function tell(command, params, callback, lasting = false) {
  let id = '';
  if (typeof callback === 'function') {
    id = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => (byte % 36).toString(36)).join('');
    waiting.set(id, { callback, lasting });
  }
  const text = params === undefined || params === null ? '' : typeof params === 'string' ? params : JSON.stringify(params);
  window.parent.postMessage(`${command}:${text}:${id}:${sid}`, portal);
}

window.addEventListener('message', ({ origin, source, data: message }) => {
  if (origin !== portal || source !== window.parent || typeof message !== 'string') return;
  const colon = message.indexOf(':');
  const handler = waiting.get(message.slice(0, colon));
  if (!handler) return;
  if (!handler.lasting) waiting.delete(message.slice(0, colon));
  const json = message.slice(colon + 1);
  handler.callback(json === '' ? undefined : JSON.parse(json));
});

export function takeTokens({ AUTH_ID, REFRESH_ID, AUTH_EXPIRES }) {
  Object.assign(known.data, { AUTH_ID, REFRESH_ID });
  known.expiresAt = Date.now() + Number(AUTH_EXPIRES) * 1000;
}

export function getAuth() {
  if (!known.data || known.expiresAt <= Date.now()) return false;
  // A point in time, milliseconds, whatever its name says: documented so.
  return { access_token: known.data.AUTH_ID, refresh_token: known.data.REFRESH_ID, expires_in: known.expiresAt, domain, member_id: known.data.MEMBER_ID };
}

export function refreshAuth(callback) {
  const timer = setTimeout(() => {
    // An answer that comes later than that is still good for the next call.
    if (callback) callback(false);
    callback = undefined;
  }, REFRESH_TIMEOUT);
  tell('refreshAuth', {}, (tokens) => {
    clearTimeout(timer);
    takeTokens(tokens);
    if (callback) callback(getAuth());
  });
}
