/** Makes previews of the links in messages, beside everything else: a site that is slow or does harm costs only its own. */
import { findMessage } from '../../db/stores/message-store.ts';
import { findPreview, type PreviewRow, savePreview } from '../../db/stores/preview-store.ts';
import { attachPreview, linkToPreview } from '../../messenger/messages/link-previews.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import { toPolicy } from '../../portal/policy.ts';
import { isPublic } from '../handlers/addresses.ts';
import type { Reachable } from './fetch-page.ts';

const AT_ONCE = 8;
/** Messages that wait for their turn; beyond it they get no preview. */
const MOST_WAITING = 1000;
/** For how long it is believed what a page said, and that there is none: milliseconds. */
const KEPT_MS = 24 * 3600_000;
const FAILURE_KEPT_MS = 600_000;

export class Previewer implements AsyncDisposable {
  readonly #m: Messenger;
  readonly #failed: (fault: unknown) => void;
  readonly #reachable: Reachable;
  readonly #stop = new AbortController();
  /** Numbers of messages, in their order. */
  readonly #waiting = new Set<number>();
  /** By the site that is being looked at, messages that lead there too. */
  readonly #sites = new Map<string, number[]>();
  readonly #running = new Set<Promise<void>>();
  readonly #tell = (messageId: number) => this.#look(messageId);

  /**
   * @param failed told of what goes wrong here
   * @param reachable which addresses may be connected to: those of the public internet
   */
  constructor(m: Messenger, failed: (fault: unknown) => void, reachable: Reachable = isPublic) {
    this.#m = m;
    this.#failed = failed;
    this.#reachable = reachable;
    m.linked.add(this.#tell);
  }

  /** Gives up what is under way: those messages get no preview. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#m.linked.delete(this.#tell);
    this.#stop.abort(new Error('the server stops'));
    this.#waiting.clear();
    await this.idle();
  }

  /** Resolves once there is nothing to do. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #look(messageId: number): void {
    if (this.#waiting.size < MOST_WAITING) this.#waiting.add(messageId);
    this.#next();
  }

  #next(): void {
    for (const messageId of this.#waiting) {
      if (this.#running.size >= AT_ONCE || this.#stop.signal.aborted) return;
      this.#waiting.delete(messageId);
      const work = this.#preview(messageId)
        .catch(this.#failed)
        .finally(() => {
          this.#running.delete(work);
          this.#next();
        });
      this.#running.add(work);
    }
  }

  async #preview(messageId: number): Promise<void> {
    const { values } = await this.#m.settings();
    if (!toPolicy(values).linkPreviews) return;
    const message = await this.#m.db.read((s) => findMessage(s, messageId));
    const url = message && linkToPreview(message);
    if (url === undefined) return;
    const { host } = new URL(url);
    // One at a time of a site: it holds up nobody else, and the next may find there what is to be known.
    const others = this.#sites.get(host);
    if (others) return void (others.length < MOST_WAITING && others.push(messageId));
    this.#sites.set(host, []);
    try {
      await this.#attach(messageId, url);
    } finally {
      for (const other of this.#sites.get(host) ?? []) this.#waiting.add(other);
      this.#sites.delete(host);
    }
  }

  async #attach(messageId: number, url: string): Promise<void> {
    const known = await this.#m.db.read((s) => findPreview(s, url));
    const preview = known && this.#isFresh(known) ? known : await this.#fetch(url);
    if (preview && preview.title !== '') await this.#m.db.write((s) => attachPreview(s, this.#m, messageId, preview));
  }

  #isFresh({ title, looked_at }: PreviewRow): boolean {
    const age = this.#m.clock.now() - looked_at;
    return age >= 0 && age < (title === '' ? FAILURE_KEPT_MS : KEPT_MS);
  }

  async #fetch(url: string): Promise<PreviewRow | undefined> {
    const nothing = { title: '', description: '', image: '' };
    const { fetchPage } = await import('./fetch-page.ts');
    // What keeps a page from being read is the page's own trouble.
    const head = await fetchPage(url, this.#reachable, this.#stop.signal).catch(() => undefined);
    if (this.#stop.signal.aborted) return undefined;
    return this.#m.db.write((s) => savePreview(s, { url, ...nothing, ...head, looked_at: this.#m.clock.now() }));
  }
}
