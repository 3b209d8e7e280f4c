/** Where the vendor's clients connect: the addresses of an installation of theirs, of which nothing but the names is kept. */

export const PATHS = { socket: '/bitrix/subws/', poll: '/bitrix/sub/', publish: '/bitrix/pub/' } as const;

/** By plain and by encrypted connections. */
export interface Origins {
  plain: string;
  secure: string;
}

/**
 * @param url the portal's own address, as it is set; empty for none
 * @param origin under which the caller reaches the portal
 * @param https of the listener that speaks TLS, such as `https://127.0.0.1:8443`
 */
export function pushOrigins(url: string, origin: string, https: string): Origins {
  const known = new URL(url || origin);
  if (known.protocol === 'https:') return { plain: known.origin, secure: known.origin };
  const secure = new URL(known.origin.replace('http:', 'https:'));
  // A port that is named is that of the plain listener; one that is not may be any proxy's.
  if (known.port !== '') secure.port = new URL(https).port;
  return { plain: known.origin, secure: secure.origin };
}

/** As a configuration names them, the vendor's spelling included. */
export function serverAddresses({ plain, secure }: Origins) {
  return {
    hostname: new URL(plain).host,
    long_polling: plain + PATHS.poll,
    long_pooling_secure: secure + PATHS.poll,
    websocket_enabled: true,
    websocket: overSocket(plain) + PATHS.socket,
    websocket_secure: overSocket(secure) + PATHS.socket,
    publish_enabled: true,
    publish: plain + PATHS.publish,
    publish_secure: secure + PATHS.publish,
  };
}

/** http becomes ws, https wss. */
function overSocket(origin: string): string {
  return origin.replace('http', 'ws');
}
