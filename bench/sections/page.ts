/** The inbox of somebody in fifty thousand chats, in Chromium. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { type Figure, milliseconds } from '../figures.ts';
import type { Home } from '../home.ts';
import type { Section } from '../section.ts';
import { userWithChats } from '../users.ts';

const CHATS = 50_000;
const OPENINGS = 5;
const [FIRST_ROWS_MS, FRAME_MS, HEAP_MB] = [300, 16, 120];
const PATIENCE_MS = 400_000;
/** Pixels of a turn of the wheel: more than a window of rows. */
const TURN = 1500;
/** Turns from one look at what is there to the next: looking costs the page's thread as well. */
const LOOK_AFTER = 4;
const EXECUTABLE = '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--js-flags=--expose-gc'];

export const page: Section = {
  name: 'page',
  title: `The inbox with ${CHATS} chats in Chromium`,
  note: 'First rows count from the end of the answer that brings them until they are painted, in a browser that knows nothing yet (median). The wheel turns without a pause to the last chat; a frame has what the page\'s thread worked from one frame to the next, answers of the server and the looks of the bench among it.',
  async seed(seeder, { quick }) {
    const count = quick ? CHATS / 10 : CHATS;
    const user = await userWithChats(seeder, count);
    return async ({ home, server }) => {
      const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
      try {
        const openings: Opening[] = [];
        for (let n = 0; n < OPENINGS; n += 1) openings.push(await firstRows(browser, home, server.ready.http, user.id));
        return [
          milliseconds('first rows after their answer', median(openings.map(({ afterAnswer }) => afterAnswer)), FIRST_ROWS_MS, FIRST_ROWS_MS),
          milliseconds('first rows after the page was asked for', median(openings.map(({ afterAsking }) => afterAsking))),
          ...(await scrolled(browser, home, server.ready.http, user.id, count)),
        ];
      } finally {
        await browser.close();
      }
    };
  },
};

/** Signs in, in a profile of its own. */
async function signedIn(browser: Browser, { folder, databaseUrl }: Home, http: string, userId: number): Promise<Page> {
  const store = databaseUrl ? ['--database-url', databaseUrl] : [];
  const root = join(import.meta.dirname, '..', '..');
  const out = execFileSync(process.execPath, [join(root, 'scripts', 'run.mjs'), 'src/cli.ts', 'user', 'link', '--user', String(userId), '--data', folder, ...store], { encoding: 'utf8' });
  const link = /\/sign-in\/\?link=\S+/.exec(out)![0];
  const opened = await (await browser.newContext({ viewport: { width: 1200, height: 800 }, serviceWorkers: 'block' })).newPage();
  await opened.goto(`${http}${link}`);
  return opened;
}

interface Opening {
  afterAnswer: number;
  afterAsking: number;
}

async function firstRows(browser: Browser, home: Home, http: string, userId: number): Promise<Opening> {
  const opened = await signedIn(browser, home, http, userId);
  await opened.addInitScript({ content: WATCH_ROWS });
  await opened.evaluate(`indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; setTimeout(done, 500); }))))`);
  await opened.goto(`${http}/?anew`);
  const timing = await opened.evaluate<{ painted: number; answered: number }>(`firstRows.then((painted) => ({
    painted, answered: performance.getEntriesByType('resource').find(({ name }) => name.includes('im.recent.list')).responseEnd,
  }))`);
  await opened.context().close();
  return { afterAnswer: timing.painted - timing.answered, afterAsking: timing.painted };
}

/** `firstRows`: when rows have been painted, milliseconds since the page was asked for. */
const WATCH_ROWS = `
  window.firstRows = new Promise((painted) => {
    const look = new MutationObserver(() => {
      if (!document.querySelector('.list-rows .row')) return;
      look.disconnect();
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => painted(performance.now());
        after.port2.postMessage(0);
      });
    });
    look.observe(document, { childList: true, subtree: true });
  });
`;

async function scrolled(browser: Browser, home: Home, http: string, userId: number, count: number): Promise<Figure[]> {
  const opened = await signedIn(browser, home, http, userId);
  await opened.locator('.row').first().waitFor();
  await opened.mouse.move(150, 400);
  const devtools = await opened.context().newCDPSession(opened);
  const trace = await traced(browser);
  const start = performance.now();
  let [last, empty] = [0, 0];
  while (last < count && performance.now() - start < PATIENCE_MS) {
    for (let n = 0; n < LOOK_AFTER; n += 1) await opened.mouse.wheel(0, TURN);
    const seen = await opened.evaluate<{ last: number; isEmpty: boolean }>(SEEN);
    last = seen.last;
    empty += Number(seen.isEmpty);
  }
  const took = performance.now() - start;
  const frames = framesIn(await trace.end());
  const heap = await heapMb(devtools);
  await opened.context().close();
  if (last < count) throw new Error(`after ${PATIENCE_MS} ms of turning only ${last} of ${count} chats have been reached`);
  const at = (share: number) => frames[Math.min(frames.length - 1, Math.floor(share * frames.length))]!;
  return [
    milliseconds('processor of a frame while scrolling, p50', at(0.5)),
    milliseconds('processor of a frame while scrolling, p95', at(0.95), FRAME_MS, FRAME_MS),
    milliseconds('processor of a frame while scrolling, most', at(1)),
    { name: 'frames', value: frames.length, unit: '' },
    { name: 'looks that saw nothing', value: empty, unit: '' },
    milliseconds('by wheel to the last chat', took),
    { name: 'script heap then', value: heap, unit: 'MB', wanted: { sqlite: HEAP_MB, postgres: HEAP_MB, most: true } },
  ];
}

/** The last row that stands in the document, and whether the middle of the list is empty. */
const SEEN = `(() => {
  const { top, left, height } = document.querySelector('.list').getBoundingClientRect();
  return {
    last: Math.max(...[...document.querySelectorAll('.list-rows .row')].map((row) => Number(row.ariaPosInSet))),
    isEmpty: !document.elementFromPoint(left + 60, top + height / 2).closest('.row, .list-more'),
  };
})()`;

const TRACED = ['disabled-by-default-devtools.timeline', 'disabled-by-default-devtools.timeline.frame'];

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds: when it began, and what its thread worked. */
  ts: number;
  tdur?: number;
}

/** Only what is needed is kept: the whole would not fit into a string. */
async function traced(browser: Browser): Promise<{ end: () => Promise<TraceEvent[]> }> {
  const devtools = await browser.newBrowserCDPSession();
  const kept: TraceEvent[] = [];
  devtools.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) if (event.name === 'BeginMainThreadFrame' || event.name === 'RunTask') kept.push(event);
  });
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: TRACED } });
  return {
    async end() {
      const complete = new Promise((done) => devtools.once('Tracing.tracingComplete', done));
      await devtools.send('Tracing.end');
      await complete;
      return kept;
    },
  };
}

/** What the page's thread worked for each frame, in milliseconds of the processor, the least first. */
function framesIn(all: readonly TraceEvent[]): number[] {
  const begins = all.filter(({ name }) => name === 'BeginMainThreadFrame').sort((a, b) => a.ts - b.ts);
  const isThere = ({ pid, tid }: TraceEvent) => pid === begins[0]?.pid && tid === begins[0]?.tid;
  const tasks = all.filter((event) => event.name === 'RunTask' && isThere(event)).sort((a, b) => a.ts - b.ts);
  const frames: number[] = [];
  let at = 0;
  for (const { ts } of begins) {
    let worked = 0;
    for (; at < tasks.length && tasks[at]!.ts <= ts; at += 1) worked += tasks[at]!.tdur ?? 0;
    frames.push(worked / 1000);
  }
  return frames.sort((a, b) => a - b);
}

async function heapMb(devtools: CDPSession): Promise<number> {
  for (let n = 0; n < 3; n += 1) await devtools.send('HeapProfiler.collectGarbage');
  return (await devtools.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
