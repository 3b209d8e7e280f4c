/** Who shares a group chat with whom: whom guests may meet rests on it. */
import { type ExpressionBuilder, sql } from 'kysely';
import type { Session } from '../database.ts';
import type { Schema } from '../schema.ts';
import { type Builder, ListStatement, statement } from '../statement.ts';
import type { Flag } from '../flag.ts';
import { TIMEZONE } from './mark-store.ts';
import type { UserRow } from './user-store.ts';

const AT_ONCE = 500;

const sharedGroup = statement((q, p: { guestId: number; otherId: number }) =>
  q
    .selectFrom('member as few')
    .crossJoin('member as many')
    .select('few.chat_id')
    .where('few.user_id', '=', p.guestId)
    .where('many.user_id', '=', p.otherId)
    .whereRef('many.chat_id', '=', 'few.chat_id')
    .where('few.type', '<>', sql.lit('P'))
    .where('few.left_at', '=', sql.lit(0))
    .where('many.left_at', '=', sql.lit(0))
    .limit(1),
);

/** The chats that two users share. A guest is in few, others may be in ten thousand: so the guest's side drives. */
export function sharedChats(from: Pick<ExpressionBuilder<Schema, never>, 'selectFrom'>, guest: unknown, other: unknown) {
  return from
    .selectFrom('member as few')
    .crossJoin('member as many')
    .select('few.chat_id')
    .where(sql<boolean>`few.user_id = ${guest} and many.user_id = ${other} and many.chat_id = few.chat_id`)
    .where(sql<boolean>`few.type <> 'P' and few.left_at = 0 and many.left_at = 0`);
}

/** The same where the guest is a value: their groups are looked up once, and not for each other user. */
export function sharedWithGuest(from: Pick<ExpressionBuilder<Schema, never>, 'selectFrom'>, guestId: number, other: unknown) {
  const groups = from.selectFrom('member as few').select('few.chat_id').where(sql<boolean>`few.user_id = ${guestId} and few.type <> 'P' and few.left_at = 0`);
  return from
    .selectFrom('member as many')
    .select('many.chat_id')
    .where(sql<boolean>`many.user_id = ${other} and many.left_at = 0 and many.chat_id in ${groups}`);
}

/**
 * 1 where the viewer may not meet the user `u` of the query: one of the two is a guest, and they share no group chat.
 *
 * @param viewerId a value, not a column: whether the viewer is a guest is looked up once
 */
export function stranger(q: Builder, viewerId: number) {
  const other = sql.ref('u.id');
  return sql<Flag>`case when u.id is null or u.id = ${viewerId} then 0
    when (select v.extranet from "user" as v where v.id = ${viewerId}) = 1 then case when exists ${sharedWithGuest(q, viewerId, other)} then 0 else 1 end
    when u.extranet = 1 then case when exists ${sharedChats(q, other, viewerId)} then 0 else 1 end
    else 0 end`;
}

/** In the same statement: rows are shown in the zone that they are read with, however late it was changed. */
const zone = sql<string | null>`(select z.value from portal as z where z.key = ${sql.lit(TIMEZONE)})`.as('portal_zone');

const met = new ListStatement((q, p: { viewerId: number }, ids) =>
  q.selectFrom('user as u').selectAll('u').select([stranger(q, p.viewerId).as('stranger'), zone]).where('u.id', 'in', ids),
);

export type MetUser = UserRow & { stranger: Flag; portal_zone: string | null };

/** The users that exist among `ids`, with what the viewer may see of them; in no particular order. */
export function findMet(s: Session, viewerId: number, ids: Iterable<number>): Promise<MetUser[]> {
  return met.all(s, { viewerId }, [...new Set(ids)]);
}

const looks = new ListStatement((q, _p: object, ids) =>
  q.selectFrom('user as u').select(['u.id', 'u.extranet', 'u.rev', 'u.last_activity_at', zone]).where('u.id', 'in', ids),
);

/** By what it is known whether a user looks as before. */
export type Looks = Pick<UserRow, 'id' | 'extranet' | 'rev' | 'last_activity_at'> & { portal_zone: string | null };

/** The same of the users that exist among `ids`, and the zone of the portal. */
export function findLooks(s: Session, ids: Iterable<number>): Promise<Looks[]> {
  return looks.all(s, {}, [...new Set(ids)]);
}

/** Which of the users are members of a group chat that the guest is in. */
export function sharersWith(s: Session, guestId: number, userIds: readonly number[]): Promise<Set<number>> {
  return sharing(s, userIds, guestId, true);
}

/** Which of the guests are members of a group chat that the user is in. */
export function guestsSharing(s: Session, userId: number, guestIds: readonly number[]): Promise<Set<number>> {
  return sharing(s, guestIds, userId, false);
}

async function sharing(s: Session, ids: readonly number[], oneId: number, oneIsGuest: boolean): Promise<Set<number>> {
  const [only] = ids;
  if (ids.length === 1) {
    const pair = oneIsGuest ? { guestId: oneId, otherId: only! } : { guestId: only!, otherId: oneId };
    return new Set((await s.first(sharedGroup, pair)) ? ids : []);
  }
  const found = new Set<number>();
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const rows = await s.query((q) =>
      q
        .selectFrom('user as u')
        .select('u.id')
        .where('u.id', 'in', ids.slice(i, i + AT_ONCE))
        .where((eb) => eb.exists(oneIsGuest ? sharedWithGuest(eb as never, oneId, sql.ref('u.id')) : sharedChats(eb as never, sql.ref('u.id'), oneId))),
    );
    for (const row of rows) found.add(row.id);
  }
  return found;
}

/** The members of a chat who are guests of the portal. */
export async function guestsIn(s: Session, chatId: number): Promise<number[]> {
  const rows = await s.query((q) =>
    q
      .selectFrom('member as m')
      .innerJoin('user as u', 'u.id', 'm.user_id')
      .select('m.user_id')
      .where('m.chat_id', '=', chatId)
      .where('m.left_at', '=', 0)
      .where('u.extranet', '=', 1),
  );
  return rows.map((row) => row.user_id);
}

/** A private dialog, and whether its two share no other chat than the one in question: then whether it is open hangs on that. */
export interface Hanging {
  chat_id: number;
  hangs: Flag;
}

/** The private dialogs between the guests and others in a chat that concern one of `movedIds`. Ascending. */
export function dialogsHangingOn(s: Session, chatId: number, guestIds: readonly number[], movedIds: readonly number[]): Promise<Hanging[]> {
  return s.query((q) =>
    q
      .selectFrom('member as p')
      .select(['p.chat_id', hangsOn(q, chatId).as('hangs')])
      .distinct()
      .where('p.user_id', 'in', guestIds)
      .where('p.type', '=', 'P')
      .whereRef('p.peer_id', '<>', 'p.user_id')
      .where((eb) => eb.or([eb('p.user_id', 'in', movedIds), eb('p.peer_id', 'in', movedIds)]))
      .where((eb) => eb.or([eb('p.peer_id', 'in', movedIds), eb.exists(presence(eb as never, chatId))]))
      .orderBy('p.chat_id'),
  );
}

function hangsOn(q: Builder, chatId: number) {
  return sql<Flag>`case when exists ${sharedChats(q, sql.ref('p.user_id'), sql.ref('p.peer_id')).where('few.chat_id', '<>', chatId)} then 0 else 1 end`;
}

function presence(eb: ExpressionBuilder<Schema, never>, chatId: number) {
  return eb
    .selectFrom('member as here')
    .select('here.user_id')
    .where(sql<boolean>`here.user_id = p.peer_id and here.chat_id = ${chatId} and here.left_at = 0`);
}

/** The user's private dialogs with who the other one is; with guests alone where only those matter. */
export function privatePeers(s: Session, userId: number, guestsOnly: boolean): Promise<Array<{ chat_id: number; id: number; extranet: Flag }>> {
  return s.query((q) => {
    const peers = q
      .selectFrom('member as m')
      .innerJoin('user as u', 'u.id', 'm.peer_id')
      .select(['m.chat_id', 'u.id', 'u.extranet'])
      .where('m.user_id', '=', userId)
      .where('m.type', '=', 'P')
      .where('m.left_at', '=', 0);
    return guestsOnly ? peers.where('u.extranet', '=', 1) : peers;
  });
}
