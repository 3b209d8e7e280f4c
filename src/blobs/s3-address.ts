/** Where files lie in an S3-compatible store: `s3://bucket/prefix?endpoint=https://…&region=…`. */

export interface S3Address {
  /** Of the store, without a path; buckets are named in the path of each request. */
  endpoint: string;
  region: string;
  bucket: string;
  /** In front of every key: empty, or ends in a slash. */
  prefix: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^(?:[\w.-]+\/)*$/;

/** @throws Error that says what is wrong with it; it never repeats what may be a secret */
export function parseS3Address(text: string): S3Address {
  const url = URL.parse(text);
  if (url?.protocol !== 's3:') throw new Error('not an s3:// address');
  if (url.username !== '' || url.password !== '') throw new Error('must not name credentials: they have variables of their own');
  const unknown = [...url.searchParams.keys()].find((key) => !['endpoint', 'region'].includes(key));
  if (unknown !== undefined) throw new Error(`knows endpoint and region, but not "${unknown}"`);
  if (!BUCKET.test(url.hostname)) throw new Error(`"${url.hostname}" is not the name of a bucket`);
  const region = url.searchParams.get('region') ?? 'us-east-1';
  if (!/^[\w-]{1,64}$/.test(region)) throw new Error(`"${region}" is not a region`);
  return { endpoint: endpointOf(url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`), region, bucket: url.hostname, prefix: prefixOf(url.pathname) };
}

function endpointOf(text: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || `${url.origin}/` !== url.href) throw new Error('endpoint is not an address such as https://s3.example');
  return url.origin;
}

function prefixOf(path: string): string {
  const names = path.split('/').filter((name) => name !== '');
  const prefix = names.map((name) => `${name}/`).join('');
  if (!PREFIX.test(prefix)) throw new Error('its prefix may have letters, digits and . _ - between slashes');
  return prefix;
}
