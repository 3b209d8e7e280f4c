/** Calls through a client that openapi-typescript has made of /openapi.json, `schema.d.ts`. */
import createClient from 'openapi-fetch';
import { startPortal } from 'tidemark/testing';
import type { components, paths } from './schema.d.ts';

await using portal = await startPortal({
  users: ['Anna', 'Boris'],
  chats: [{ title: 'Kitchen', users: ['Boris', 'Anna'], messages: [['Anna', 'Soup?'], ['Boris', 'Soup!']] }],
});
const api = createClient<paths>({ baseUrl: portal.http });

const { userId, url } = await portal.webhook('Anna');
const path = { user_id: userId, webhook: url.split('/').at(-2)! };
const said = await api.POST('/rest/{user_id}/{webhook}/im.message.add', { params: { path }, body: { DIALOG_ID: `chat${portal.chat('Kitchen')}`, MESSAGE: 'At noon' } });
const id: number = said.data!.result;

const { accessToken } = await (await portal.app()).tokens('Boris');
const headers = { authorization: `Bearer ${accessToken}` };
const list = await api.POST('/rest/im.recent.get', { headers, body: { SKIP_OPENLINES: 'Y' } });
const row = list.data!.result[0]!;
const title: string = row.title;
const type: components['schemas']['RecentItem']['type'] = row.type;
const tag = list.response.headers.get('etag')!;
const again = await api.POST('/rest/im.recent.get', { params: { header: { 'If-None-Match': tag } }, headers, body: { SKIP_OPENLINES: 'Y' } });

const refused = await api.POST('/rest/{user_id}/{webhook}/im.recent.hide', { params: { path }, body: { DIALOG_ID: 'nonsense' } });
const error: components['schemas']['Error'] = refused.error!;
console.log(JSON.stringify({ same: row.message.id === id, title, type, seconds: typeof list.data!.time.duration, again: again.response.status, code: error.error }));

/** Compiled, and never called. */
export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such method
  await api.POST('/rest/im.recent.nope', {});
  // @ts-expect-error the dialog is missing
  await api.POST('/rest/im.recent.hide', { body: {} });
  // @ts-expect-error user and code are missing
  await api.POST('/rest/{user_id}/{webhook}/profile', {});
  // @ts-expect-error it is a number
  const text: string = said.data!.result;
  // @ts-expect-error the method takes no such value
  await api.POST('/rest/im.recent.get', { body: { SKIP_OPENLINES: 'perhaps' } });
  return void text;
}
