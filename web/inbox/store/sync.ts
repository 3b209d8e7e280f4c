/** Loads the list and keeps it true: pages as they are scrolled to, changes as they are told. */
import { effect, signal, untracked } from '@preact/signals';
import { ApiError, batch, call, sessionLost } from '../../lib/api.ts';
import { Live, liveState } from '../../lib/live.ts';
import { told, userId } from '../../lib/told.ts';
import { cache, forgetOthers } from './cache.ts';
import { type Counters, counters, learnLive, learnPage, peekRow, restoreRows, toldSoFar, view, views } from './chats.ts';
import { restoreDrafts } from './drafts.ts';
import { type EventName, onEvent, tell, type Totals } from './events.ts';
import { restoreMentions } from './mentions.ts';
import { keptPeople, learnPeople, learnPresence, minute, type Person, restorePeople, type UserView } from './people.ts';
import { Latest } from './latest.ts';
import { openDialog } from './route.ts';
import { type RecentItem, type Row } from './row.ts';
import { FILTERS, type View } from './views.ts';

const PAGE = 50;
const LARGE_PAGE = 200;
/** Rows that are kept for reading without a connection. */
const KEPT_ROWS = 200;
const KEEP_AFTER_MS = 1000;

/** Since when what is shown is as the server had it, milliseconds; 0 where it has never answered. */
export const asOf = signal(0);
let live: Live | undefined;

export function start(): void {
  listen();
  void forgetOthers();
  void restore();
  void loadAbout();
  live = new Live(told('token'), (name, data) => tell(name as EventName, data as never));
  effect(() => {
    const [current, open] = [view.value, openDialog.value];
    untracked(() => {
      current.hold(open);
      if (current.token === undefined && current.loading.peek() === 'no') void loadMore(current);
    });
  });
  setInterval(() => {
    minute.value += 1;
  }, 60_000);
}

const totals = new Latest();

/** Who is signed in, and the totals. */
async function loadAbout(): Promise<void> {
  const isLatest = totals.ask();
  try {
    const { results } = await batch({ me: ['im.user.get', { ID: userId }], counters: ['im.counters.get'] });
    if (results.me) learnPeople([results.me as UserView]);
    if (results.counters && isLatest()) counters.value = (results.counters as Counters).TYPE;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

async function loadCounters(): Promise<void> {
  const isLatest = totals.ask();
  await call<Counters>('im.counters.get').then(({ TYPE }) => {
    if (isLatest()) counters.value = TYPE;
  }, () => undefined);
}

function heardTotals(total: Totals): void {
  totals.told();
  counters.value = total;
}

interface Page {
  items: RecentItem[];
  hasMore: boolean;
  token?: string;
  reset_required?: boolean;
}

/** The next page of a list. Does nothing while one is under way or when there is none. */
export async function loadMore(into: View): Promise<void> {
  const isFirst = into.token === undefined;
  if (['first', 'more'].includes(into.loading.peek()) || (into.complete.peek() && !isFirst)) return;
  into.loading.value = isFirst ? 'first' : 'more';
  const since = toldSoFar();
  try {
    const page = await call<Page>('im.recent.list', { ...FILTERS[into.filter].params, LIMIT: isFirst ? PAGE : LARGE_PAGE, TOKEN: into.token ?? '' });
    into.loading.value = 'no';
    if (page.reset_required) {
      into.restart();
      return await loadMore(into);
    }
    learnPage(into, page.items, page.hasMore, since);
    into.token = page.token ?? '';
    asOf.value = Date.now();
    // A page may hold nothing that the filter shows.
    if (page.hasMore && into.order.peek().length < PAGE / 2) await loadMore(into);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    into.loading.value = 'failed';
  }
}

/** Everything anew, as after a long absence. */
function reload(): void {
  for (const each of Object.values(views)) each.restart();
  void loadAbout();
  void loadMore(view.peek());
}

function listen(): void {
  onEvent('ready', ({ reset_required: reset, counters: all }) => {
    if (all) heardTotals(all.TYPE);
    if (reset) tell('reset', {});
    else if (view.peek().loading.peek() === 'failed') void loadMore(view.peek());
  });
  onEvent('reset', reload);
  onEvent('list', ({ items, removed, users, counters: all }) => {
    learnLive(items, removed, users);
    asOf.value = Date.now();
    if (all) heardTotals(all);
    else void loadCounters();
    keep();
  });
  onEvent('presence', ({ users }) => learnPresence(users));
  onEvent('message', ({ users }) => learnPeople(users ?? []));
  onEvent('notification', ({ counter }) => {
    heardTotals({ ...counters.peek(), NOTIFY: counter });
  });
  effect(() => {
    if (sessionLost.value) closeLive();
  });
  effect(() => {
    if (liveState.value === 'open') keep();
  });
}

export function closeLive(): void {
  live?.close();
}

async function restore(): Promise<void> {
  const [rows, people, at] = await Promise.all([cache.get<Row[]>('rows', 'list'), cache.get<Person[]>('people', 'list'), cache.get<number>('meta', 'asOf')]);
  if (people) restorePeople(people);
  void restoreDrafts();
  if (!rows || view.peek().token !== undefined) return;
  restoreRows(rows);
  void restoreMentions(rows.map(({ id }) => id));
  if (asOf.peek() === 0) asOf.value = at ?? 0;
}

let keeping: ReturnType<typeof setTimeout> | undefined;

/** Soon, and not for each change. */
function keep(): void {
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    const rows = views.all.order.peek().slice(0, KEPT_ROWS).map((id) => peekRow(id)!);
    const named = new Set([userId, ...rows.flatMap(({ id, author }) => [Number(id), author])]);
    const entries = [['list', keptPeople().filter(({ id }) => named.has(id))]] as const;
    void cache.put('rows', 'list', rows).then(() => cache.putAll('people', entries)).then(() => cache.put('meta', 'asOf', asOf.peek()));
  }, KEEP_AFTER_MS);
}
