/** Keeps the inbox readable without a connection: its files for good, its page as it was shown last. Messages are kept by the page itself. */
export {};
declare const self: ServiceWorkerGlobalScope;

/** The names of the build's files, put in by the build: another list makes another worker. */
declare const __FILES__: readonly string[];
const FILES = __FILES__;
const CACHE = 'tidemark';
const PAGE = '/';

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === PAGE) event.respondWith(page(request));
  else if (FILES.includes(pathname)) event.respondWith(file(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FILES]);
  await self.skipWaiting();
}

/** Files of the build before are given up; the page is kept. */
async function activate(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = new Set([PAGE, ...FILES]);
  for (const request of await cache.keys()) if (!kept.has(new URL(request.url).pathname)) await cache.delete(request);
  await self.clients.claim();
}

/** From the server where it answers: who is signed in is its to say. A copy serves where it does not. */
async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.ok) await (await caches.open(CACHE)).put(PAGE, response.clone());
    else if (response.type === 'opaqueredirect') await (await caches.open(CACHE)).delete(PAGE);
    return response;
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request.url);
  return kept ?? fetch(request);
}
