/** What an editor knows of the calls, and what is left of it when they are made. The argument is where the portal runs. */
import { parseArgs } from 'node:util';
import type { Methods } from 'tidemark/methods';
import { CallError, type Caller, type Portal, startPortal } from 'tidemark/testing';

type Row = Methods['im.recent.get']['result'][number];

const first = async (caller: Caller): Promise<Row> => (await caller.call<'im.recent.get'>('im.recent.get', { SKIP_OPENLINES: 'Y' }))[0]!;

/** Compiled, and never called. */
export async function wrong(portal: Portal, row: Row): Promise<void> {
  // @ts-expect-error there is no such method
  await portal.call('im.recent.nope');
  // @ts-expect-error it has no such parameter
  await portal.call('im.recent.get', { SKIP_OPENLINE: 'Y' });
  // @ts-expect-error which takes no such value
  await portal.call('im.recent.get', { SKIP_OPENLINES: 'perhaps' });
  // @ts-expect-error a parameter is missing
  await portal.call('im.recent.hide', {});
  // @ts-expect-error it is missing with the others
  await portal.call('im.recent.hide');
  // @ts-expect-error a row has no such field
  row.tittle;
  // @ts-expect-error which is a number
  const id: string = await portal.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'x' });
  // @ts-expect-error there is no such plan
  await startPortal({ plan: 'free' });
  return void id;
}

const { positionals: [where] } = parseArgs({ allowPositionals: true });
await using portal = await startPortal({
  process: where === 'child' ? 'child' : 'this',
  users: ['Anna', 'Boris'],
  chats: [{ title: 'Kitchen', users: ['Boris', 'Anna'], messages: [['Anna', 'Soup?'], ['Boris', 'Soup!']] }],
});
await portal.snapshot();
const anna = await portal.webhook('Anna');
const refused = await anna.call('im.recent.hide', { DIALOG_ID: 'nonsense' }).catch((error: unknown) => error);
const { title, counter } = await first(anna);
await portal.clock.advance('31d');
const later = await anna.call('im.recent.get');
await portal.restore();
const back = await first(portal.as('Anna'));
console.log(JSON.stringify({ title, counter, code: refused instanceof CallError && refused.code, later: later.length, back: back.title }));
