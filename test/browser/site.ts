/** The web site of an application: on another origin than the portal, and on another site in the sense of cookies. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Frame, Page } from 'playwright-core';

const SDK = join(import.meta.dirname, '..', '..', 'node_modules', '@bitrix24', 'b24jssdk', 'dist', 'umd', 'index.min.js');

const SCRIPTS: Readonly<Record<string, string>> = { '/app.js': join(import.meta.dirname, 'site', 'app.js'), '/sdk.js': SDK };

export interface Site extends AsyncDisposable {
  origin: string;
  /** Requests for anything but its scripts, oldest first. */
  visits: URL[];
  /** What was posted to it, oldest first. */
  posts: Post[];
}

export interface Post {
  url: URL;
  fields: Record<string, string>;
  headers: IncomingMessage['headers'];
}

/** Every address shows a page: its scripts, and whatever `content` gives for it. */
export async function startSite(content: (url: URL) => string = () => ''): Promise<Site> {
  const visits: URL[] = [];
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    const script = SCRIPTS[url.pathname];
    if (script !== undefined) return answer(response, 'text/javascript', readFileSync(script, 'utf8'));
    visits.push(url);
    if (request.method !== 'POST') return answer(response, 'text/html', pageWith(content(url)));
    return void text(request).then((body) => {
      posts.push({ url, fields: Object.fromEntries(new URLSearchParams(body)), headers: request.headers });
      answer(response, 'text/html', pageWith(content(url)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    visits,
    posts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(text);
}

function pageWith(content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Application</title><link rel="icon" href="data:,">
<script src="/sdk.js"></script><script src="/app.js"></script></head><body>${content}</body></html>`;
}

/** Runs a function of the site's script in the page. */
export function inPage<T>(page: Page | Frame, name: string, ...args: unknown[]): Promise<T> {
  const run = (call: { name: string; args: unknown[] }) => {
    const functions = globalThis as unknown as Record<string, (...given: unknown[]) => unknown>;
    return functions[call.name]!(...call.args);
  };
  return page.evaluate(run, { name, args }) as Promise<T>;
}
