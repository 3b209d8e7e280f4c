/** A webhook as people and programs hand it around: its whole address, or only user and code. */

export interface WebhookAddress {
  /** Scheme, host and port; undefined when only user and code were given. */
  origin: string | undefined;
  user: string;
  code: string;
}

const SHORT = /^(\d{1,15})\/(\w{1,100})$/;
const PATH = /^\/+rest\/+(\d{1,15})\/+(\w{1,100})\/*$/;

/** Undefined for what is no webhook. */
export function parseWebhook(text: string): WebhookAddress | undefined {
  const short = SHORT.exec(text.trim());
  if (short) return { origin: undefined, user: short[1]!, code: short[2]! };
  const url = URL.parse(text.trim());
  const path = url && /^https?:$/.test(url.protocol) ? PATH.exec(url.pathname) : null;
  return url && path ? { origin: url.origin, user: path[1]!, code: path[2]! } : undefined;
}

/** Path of a method at a webhook. */
export function methodAt(webhook: WebhookAddress, method: string): string {
  return `/rest/${webhook.user}/${webhook.code}/${encodeURIComponent(method)}`;
}
