/** Reads the address of a REST call: `/rest/{method}` or `/rest/{user}/{code}/{method}`, in every sloppy form. */

export interface Address {
  method: string;
  format: 'json' | 'xml';
  /** User and code of a webhook address. */
  webhook?: { user: string; code: string };
}

const ABSOLUTE_FORM = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/is;

/**
 * Takes apart a request target that names the host, as clients send it to proxies and proxies may pass it on.
 *
 * @returns undefined for one that begins with its path, as usual
 */
export function parseAbsoluteForm(target: string): { host: string; target: string } | undefined {
  if (target.startsWith('/')) return undefined;
  const [, host, rest] = ABSOLUTE_FORM.exec(target) ?? [];
  if (host === undefined || rest === undefined) return undefined;
  return { host, target: rest.startsWith('/') ? rest : `/${rest}` };
}

const FORMAT_SUFFIX = /\.(json|xml)$/i;

/**
 * @param path path of the URL without its query, percent-encoded as it came; slashes may be doubled or trail
 * @returns undefined when the percent-encoding is broken
 */
export function parseAddress(path: string): Address | undefined {
  const segments = decodeSegments(path);
  if (!segments) return undefined;
  const [, user, code, webhookMethod] = segments;
  if (segments.length === 4) return { ...splitFormat(webhookMethod!), webhook: { user: user!, code: code! } };
  return splitFormat(segments.length === 2 ? user! : '');
}

function decodeSegments(path: string): string[] | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  if (!path.includes('%')) return parts;
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function splitFormat(name: string): Pick<Address, 'method' | 'format'> {
  const suffix = FORMAT_SUFFIX.exec(name);
  if (!suffix) return { method: name, format: 'json' };
  return { method: name.slice(0, suffix.index), format: suffix[1]!.toLowerCase() as 'json' | 'xml' };
}
