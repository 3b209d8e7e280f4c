/** A browser as far as the sign-in needs one: cookies, forms, and redirects that the test follows itself. */
import { type Reply, send } from './http.ts';

export interface Form {
  action: string;
  /** Hidden fields. */
  fields: Record<string, string>;
}

export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #origin: string;
  readonly #ca: string | undefined;
  /** Sent along with everything, as a proxy would. */
  readonly #headers: Record<string, string>;

  constructor(origin: string, ca?: string, headers: Record<string, string> = {}) {
    this.#origin = origin;
    this.#ca = ca;
    this.#headers = headers;
  }

  get(path: string): Promise<Reply> {
    return this.#send(path, {});
  }

  /** Submits the form of a page that leads to `action`. */
  submit(page: Reply, action: string, fields: Record<string, string> = {}): Promise<Reply> {
    const form = formsOf(page).find((candidate) => candidate.action.startsWith(action));
    if (!form) throw new Error(`no form leads to ${action}`);
    return this.post(form.action, { ...form.fields, ...fields });
  }

  post(path: string, fields: Record<string, string>): Promise<Reply> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#send(path, { body: new URLSearchParams(fields).toString(), headers });
  }

  async #send(path: string, { body, headers }: { body?: string; headers?: Record<string, string> }): Promise<Reply> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await send(this.#origin + path, {
      headers: { ...this.#headers, ...headers, ...(cookie && { cookie }) }, ...(body !== undefined && { body }), ...(this.#ca !== undefined && { ca: this.#ca }),
    });
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0/i.test(line)) this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    return reply;
  }
}

export function formsOf({ text }: Reply): Form[] {
  return [...text.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(([, action, content]) => ({
    action: unescape(action!),
    fields: Object.fromEntries([...content!.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name!, unescape(value!)])),
  }));
}

function unescape(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** What a page says, without its markup. */
export function wordsOf({ text }: Reply): string {
  return unescape(text.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();
}
