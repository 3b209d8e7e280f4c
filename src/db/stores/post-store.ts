/**
 * Messages of people who are in their chats already, written by one statement: what `post` in messenger/posting writes by
 * several under the chat's lock. The rules have let each message in by what was known of its chat and its sender; the
 * statement locks both, in the order that all locks are taken in, and leaves out what is not so any more.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Entry } from '../changes.ts';
import type { WriteSession } from '../database.ts';
import type { Flag } from '../flag.ts';
import { currentRevision } from '../revision.ts';
import { type Builder, statement } from '../statement.ts';
import { afterPosts } from './chat-store.ts';
import type { JournalRow } from './journal-store.ts';
import { afterAuthoring } from './member-store.ts';
import type { NewMessage } from './message-store.ts';

/** A message, wherever it goes. */
export interface Written {
  /** Whose action it is; 0 for nobody's. */
  senderId: number;
  /** 0 for a system message of a group chat. */
  authorId: number;
  text: string;
  /** JSON; empty for none. */
  params: string;
  system: Flag;
  uuid: string | null;
}

/** What of a chat decides who may write: see messenger/access/rights.ts. */
const GOVERNING = ['type', 'entity_type', 'permissions'] as const;

/** Somebody's place in a chat, as far as the rules ask for it. */
export interface Place extends Record<(typeof GOVERNING)[number], string> {
  chatId: number;
  role: number;
}

/** A message, where it goes, and what the rules have let it in by. */
export interface Posting extends Written, Place {
  /** How many events may still follow one from another. */
  hops: number;
  /** By which exchange of which application; empty for none. */
  via: string;
}

/** What has become of a posting. */
export interface Posted {
  id: number;
  /** Its date, milliseconds: later than it was to be, where the chat had a later one already. */
  at: number;
}

/** Columns of what is sent, each a list; in the order of the postings. */
const SENT = {
  chat_id: 'bigint', sender_id: 'bigint', author_id: 'bigint', body: 'text', params: 'text', system: 'bigint', uuid: 'text', hops: 'bigint', via: 'text',
  at: 'bigint', type: 'text', entity_type: 'text', permissions: 'text', role: 'bigint',
} as const;

type Lists = Record<keyof typeof SENT, unknown[]> & { now: number };

function sent(p: Lists) {
  const names = Object.keys(SENT) as Array<keyof typeof SENT>;
  const lists = sql.join(names.map((name) => sql`${p[name]}::${sql.raw(SENT[name])}[]`));
  return sql<SentRow>`(select * from unnest(${lists}) with ordinality as s (${sql.join(names.map((name) => sql.ref(name)))}, place))`;
}

interface SentRow {
  chat_id: number; sender_id: number; author_id: number; body: string; params: string; system: Flag; uuid: string | null; hops: number; via: string;
  at: number; role: number; place: number;
}

/** Of the member's row m. Whom guests may meet is decided otherwise: see messenger/access/meeting.ts. */
const meetsNoGuest = sql<boolean>`(m.type <> 'P' or m.peer_id = m.user_id or exists (select 1 from "user" as u where u.id = m.peer_id and u.extranet = 0))`;
const notYetSent = sql<boolean>`(s.uuid is null or not exists (
  select 1 from message as x where x.uuid = s.uuid and x.chat_id = s.chat_id and x.sender_id = s.sender_id))`;
const governing = (alias: string) => sql.join(GOVERNING.map((name) => sql.ref(`${alias}.${name}`)));
const nth = sql<number>`row_number() over (partition by s.chat_id order by s.place)`;

/** @param patient whether it waits for rows that somebody else holds; else it leaves out what is about them */
function posting(patient: boolean) {
  const skipping = patient ? sql`` : sql`skip locked`;
  return statement((q: Builder, p: Lists) =>
    q
      .with('sent', () => sent(p))
      .with('held', () => sql<{ id: number }>`(select c.id, ${governing('c')}, c.count_seq, c.bumped_at from chat as c
        where c.id = any (${p.chat_id}::bigint[]) order by c.id for no key update ${skipping})`)
      .with('side', () => sql<{ user_id: number }>`(select m.user_id, m.chat_id, m.role, m.peer_id, ${governing('h')}, h.count_seq, h.bumped_at
        from (select distinct w.sender_id, h.* from sent as w inner join held as h on h.id = w.chat_id) as h
        inner join member as m on m.user_id = h.sender_id and m.chat_id = h.id
        where m.left_at = 0 order by m.chat_id, m.user_id for no key update of m ${skipping})`)
      .with('let_in', () => sql<SentRow & { seq: number; dated: number }>`(select s.*, m.count_seq + ${nth} as seq, greatest(s.at, m.bumped_at + ${nth}) as dated
        from sent as s inner join side as m on m.chat_id = s.chat_id and m.user_id = s.sender_id
        where (${governing('m')}) = (${governing('s')}) and m.role = s.role and ${meetsNoGuest} and ${notYetSent})`)
      .with('written', (w) => insertMessages(w as never))
      .with('bumped', (w) => updateChats(w as never))
      .with('authored', (w) => updateSides(w as never))
      .with('done', () => sql<DoneRow>`(select l.place, l.sender_id, l.hops, l.via, w.id, w.chat_id, w.created_at as at
        from written as w inner join let_in as l on l.chat_id = w.chat_id and l.seq = w.count_seq)`)
      .with('noted', (w) => insertEntries(w as never, p.now))
      .selectFrom('done')
      .select(['place', 'id', 'at']),
  );
}

interface DoneRow {
  place: number; sender_id: number; hops: number; via: string; id: number; chat_id: number; at: number;
}

function columnsOf<T>(values: Record<keyof T & string, RawBuilder<unknown>>) {
  return { columns: Object.keys(values) as Array<keyof T & string>, values: sql.join(Object.values<RawBuilder<unknown>>(values)) };
}

/** Numbers are given in the order in which the messages were sent, and while the chats are held. */
function insertMessages(q: Builder) {
  const { columns, values } = columnsOf<NewMessage>({
    chat_id: sql`l.chat_id`, author_id: sql`l.author_id`, sender_id: sql`l.sender_id`, text: sql`l.body`, params: sql`l.params`, created_at: sql`l.dated`,
    count_seq: sql`l.seq`, counts: sql`1`, system: sql`l.system`, seen: sql`0`, deleted: sql`0`, uuid: sql`l.uuid`,
  });
  return q
    .insertInto('message')
    .columns(columns)
    .expression(sql`select ${values} from let_in as l order by l.place`)
    .returning(['id', 'chat_id', 'sender_id', 'count_seq', 'created_at']);
}

function updateChats(q: Builder) {
  const last = sql<{ chat_id: number }>`(select chat_id, count(*) as posts, max(id) as last_id, max(count_seq) as seq, max(created_at) as at from written group by chat_id)`;
  return q
    .updateTable('chat')
    .from(last.as('last'))
    .set(afterPosts(sql`last.posts`, sql`last.last_id`, sql`last.seq`, sql`last.at`))
    .where(sql<boolean>`chat.id = last.chat_id`);
}

function updateSides(q: Builder) {
  const own = sql<{ chat_id: number }>`(select distinct on (chat_id, sender_id) chat_id, sender_id, id as own_id, count_seq as seq, created_at as at
    from written order by chat_id, sender_id, id desc)`;
  return q
    .updateTable('member')
    .from(own.as('own'))
    .set(afterAuthoring(sql`own.own_id`, sql`own.seq`, sql`own.at`))
    .where(sql<boolean>`member.user_id = own.sender_id and member.chat_id = own.chat_id`);
}

const WHAT: Entry['what'] = 'message.added';

/** The entries that {@link Changes} would write for each message by itself, of one transaction. */
function insertEntries(q: Builder, now: number) {
  const { columns, values } = columnsOf<Omit<JournalRow, 'detail'>>({
    rev: currentRevision, seq: sql`row_number() over (order by d.place) - 1`, what: sql.lit(WHAT), chat_id: sql`d.chat_id`, user_id: sql`0`,
    actor_id: sql`d.sender_id`, subject_id: sql`d.id`, hops: sql`d.hops`, via: sql`d.via`, created_at: sql`${now}::bigint`,
  });
  return q
    .insertInto('journal')
    .columns(columns)
    .expression(sql`select ${values} from done as d`);
}

const hasty = posting(false);
const patient = posting(true);

/**
 * Writes those that are still let in, in their order; no two of them with the same uuid. The journal too: the unit writes
 * nothing else.
 *
 * @param dates of each, ascending
 * @param waits for rows that another writer holds; else what is about them is left out
 * @returns undefined for each that was left out
 */
export async function insertPostings(s: WriteSession, postings: readonly Posting[], dates: number[], waits: boolean): Promise<Array<Posted | undefined>> {
  const rows = await s.all(waits ? patient : hasty, { ...listsOf(postings), at: dates, now: Date.now() });
  const posted: Array<Posted | undefined> = postings.map(() => undefined);
  for (const { place, id, at } of rows) {
    const { chatId, senderId, hops, via } = postings[place - 1]!;
    posted[place - 1] = { id, at };
    s.changes.note({ what: WHAT, chatId, actorId: senderId, subjectId: id, hops, via });
    s.changes.chat(chatId);
    s.changes.member(senderId, chatId);
  }
  return posted;
}

function listsOf(postings: readonly Posting[]): Omit<Record<keyof typeof SENT, unknown[]>, 'at'> {
  const list = <K extends keyof Posting>(key: K) => postings.map((posting) => posting[key]);
  return {
    chat_id: list('chatId'), sender_id: list('senderId'), author_id: list('authorId'), body: list('text'), params: list('params'), system: list('system'),
    uuid: list('uuid'), hops: list('hops'), via: list('via'), type: list('type'), entity_type: list('entity_type'), permissions: list('permissions'), role: list('role'),
  };
}

/** What decides about places, for statements that say whose. */
export function placesOf(q: Builder) {
  return q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .select(['c.id as chatId', 'c.type', 'c.entity_type', 'c.permissions', 'm.role', sql<Flag>`case when ${meetsNoGuest} then 1 else 0 end`.as('met')])
    .where('m.left_at', '=', 0);
}

/** Whether a place is still the one that a message was let in by: what the statement above compares. */
export function samePlace(now: Place & { met: Flag }, known: Place): boolean {
  return now.met === 1 && now.role === known.role && GOVERNING.every((name) => now[name] === known[name]);
}

/** Somebody's place in a chat, or in the private dialog of a pair. */
export const placeIn = statement((q, p: { userId: number; chatId: number }) => placesOf(q).where('m.user_id', '=', p.userId).where('m.chat_id', '=', p.chatId));
export const placeOfPair = statement((q, p: { userId: number; pairKey: string }) => placesOf(q).where('m.user_id', '=', p.userId).where('c.pair_key', '=', p.pairKey));
