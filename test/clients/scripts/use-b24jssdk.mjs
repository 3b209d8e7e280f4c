// The official JavaScript SDK, as its users call it. CLIENT_INPUT says which package, and how it gets in.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const input = JSON.parse(process.env.CLIENT_INPUT);
const sdk = await import(input.package);
const { B24Hook, B24OAuth, LoadDataType, useB24Helper } = sdk;
const { version } = JSON.parse(readFileSync(join(dirname(fileURLToPath(import.meta.resolve(input.package))), '..', '..', 'package.json'), 'utf8'));

const $b24 = input.webhook ? B24Hook.fromWebhookUrl(input.webhook) : signedIn(input.fresh);
const steps = {};

async function step(name, work) {
  try {
    steps[name] = { value: await work() };
  } catch (error) {
    steps[name] = { error: String(error.code ?? error.name), text: `${error.status ?? ''} ${error.message}` };
  }
}

function signedIn(tokens, changes = {}, onRefresh = () => {}) {
  const own = { ...tokens, ...changes };
  const $client = new B24OAuth(
    {
      applicationToken: 'not used here', userId: own.user_id, memberId: own.member_id, accessToken: own.access_token,
      refreshToken: own.refresh_token, expires: own.expires, expiresIn: own.expires_in, scope: own.scope, domain: own.domain,
      clientEndpoint: own.client_endpoint, serverEndpoint: own.server_endpoint, status: own.status,
    },
    { clientId: input.app.client_id, clientSecret: changes.clientSecret ?? input.app.client_secret },
  );
  $client.setCallbackRefreshAuth(async (renewed) => onRefresh(renewed));
  return $client;
}

const call = async (...args) => (await $b24.callMethod(...args)).getData().result;
const make = async (method, params = {}) => (await $b24.actions.v2.call.make({ method, params })).getData().result;

await step('example', async () => {
  const response = await $b24.callMethod('im.recent.get', { SKIP_OPENLINES: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' });
  return response.getData().result;
});

await step('exampleNewStyle', () => make('im.recent.get', input.example));

const commands = () => [
  { method: 'profile' },
  { method: 'im.recent.get', params: input.example },
];

await step('namedBatch', async () => {
  const [me, recent] = commands();
  const calls = { me, recent, group: { method: 'im.dialog.get', params: { DIALOG_ID: '$result[recent][0][id]' } } };
  return (await $b24.callBatch(calls, true)).getData();
});

await step('listBatch', async () => {
  const calls = [['profile', {}], ['im.recent.get', input.example], ['im.dialog.get', { DIALOG_ID: '$result[1][0][id]' }]];
  return (await $b24.actions.v2.batch.make({ calls, options: { isHaltOnError: true } })).getData();
});

await step('batchWithFailure', async () => {
  const calls = { bad: { method: 'im.nope' }, after: { method: 'profile' } };
  const response = await $b24.callBatch(calls, false);
  if (response.isSuccess) throw new Error('the unknown method went unnoticed');
  return response.getData();
});

await step('batchHalted', async () => {
  const calls = { bad: { method: 'im.nope' }, after: { method: 'profile' } };
  const response = await $b24.callBatch(calls, true);
  return { isSuccess: response.isSuccess, data: response.getData() };
});

await step('byChunk', async () => {
  const calls = Array.from({ length: 60 }, () => ['server.time', {}]);
  return (await $b24.callBatchByChunk(calls, true)).getData().length;
});

// Whole lists: by the last id that was seen, `order`, `filter[>ID]` and `start=-1`.
const users = (rows) => rows.map(({ ID }) => Number(ID));
await step('callList', async () => users((await $b24.actions.v2.callList.make({ method: 'user.get', params: { filter: { ACTIVE: true } }, idKey: 'ID' })).getData()));
await step('fetchList', async () => {
  const found = [];
  for await (const page of $b24.actions.v2.fetchList.make({ method: 'user.get', params: {}, idKey: 'ID' })) found.push(...users(page));
  return found;
});
await step('listBatchOrdered', async () => {
  const calls = { last: { method: 'user.get', params: { order: { ID: 'DESC' }, filter: { '<ID': 1000 }, start: 0 } } };
  return users((await $b24.callBatch(calls, true)).getData().last);
});

// Both page by `>ID` and an order given as a map, without counting.
await step('lists', async () => {
  const options = { method: 'user.get', params: { filter: { ACTIVE: true, '%LAST_NAME': 'ГРУ' }, select: ['ID', 'NAME'] } };
  const all = (await $b24.actions.v2.callList.make(options)).getData();
  const chunks = [];
  for await (const chunk of $b24.actions.v2.fetchList.make(options)) chunks.push(chunk);
  return { all: all.length, different: new Set(all.map((row) => row.ID)).size, chunks: chunks.map((chunk) => chunk.length), fields: Object.keys(all[0]) };
});

await step('text', async () => {
  const read = async (id) => {
    const { messages } = await call('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 5 });
    return messages.find((message) => message.id === id).text;
  };
  const id = await call('im.message.add', { DIALOG_ID: 1, MESSAGE: input.text });
  const batch = await $b24.callBatch({ sent: { method: 'im.message.add', params: { DIALOG_ID: 1, MESSAGE: input.text } } });
  const texts = [await read(id), await read(batch.getData().sent)];
  for (const MESSAGE_ID of [id, batch.getData().sent]) await call('im.message.delete', { MESSAGE_ID });
  return texts;
});

await step('messages', async () => {
  const KEYBOARD = [{ TEXT: 'Open', LINK: 'https://example.org/' }];
  const MESSAGE_ID = await call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'before', ATTACH: [{ MESSAGE: 'attached' }], KEYBOARD });
  await call('im.message.update', { MESSAGE_ID, MESSAGE: `${input.text} changed` });
  const liked = await call('im.message.like', { MESSAGE_ID, ACTION: 'plus' });
  const page = await call('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 1 });
  const search = async () => (await call('im.dialog.messages.search', { CHAT_ID: page.chat_id, SEARCH_MESSAGE: 'CHANGED' })).messages.length;
  const found = await search();
  await call('im.message.delete', { MESSAGE_ID });
  const [{ text, params }] = page.messages;
  return { text, attach: 'ATTACH' in params, keyboard: 'KEYBOARD' in params, liked, found, after: await search() };
});

await step('notices', async () => {
  const { ID: USER_ID } = await call('profile');
  const ID = await call('im.notify.personal.add', { USER_ID, MESSAGE: input.text });
  const own = async () => {
    const page = await call('im.notify.get', { LIMIT: 20 });
    return { unread: page.total_unread_count ?? 0, notice: page.notifications.find((notice) => notice.id === ID) };
  };
  const before = await own();
  await call('im.notify.read', { ID, ONLY_CURRENT: 'Y' });
  const after = await own();
  const found = (await call('im.notify.history.search', { SEARCH_TEXT: 'Ä ö ß' })).notifications.length;
  const deleted = await call('im.notify.delete', { ID });
  return { text: before.notice.text, unread: [before.unread, after.unread], found, deleted, left: (await own()).notice !== undefined };
});

await step('files', async () => {
  const content = Buffer.from(`${input.text};1\n`).toString('base64');
  const sent = await call('im.v2.File.upload', { dialogId: '1', fields: { name: 'report.csv', content, message: 'Report' } });
  const { files } = await call('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 1 });
  const { downloadUrl } = await call('im.v2.File.download', { dialogId: '1', fileId: sent.file.id });
  const fetched = await (await fetch(downloadUrl)).text();
  await call('im.message.delete', { MESSAGE_ID: sent.messageId });
  return { name: sent.file.name, shown: files[0].id === sent.file.id, content: fetched };
});

await step('finding', async () => {
  const other = await call('im.user.get', { ID: 1 });
  const names = (rows) => Object.values(rows).map((row) => row.NAME ?? row.name ?? row.title);
  return {
    user: names(await call('im.search.user.list', { FIND: other.name })).includes(other.name),
    chat: names(await call('im.search.chat.list', { FIND: 'Zürich' })).includes('Zürich ✈ 東京'),
    profile: names(await call('user.search', { FIND: 'ann' })).includes('Anna'),
    nobody: names(await call('user.search', { FIND: 'zzzz' })).length,
  };
});

await step('time', () => call('server.time'));
await step('health', () => $b24.tools.healthCheck.make());
await step('ping', () => $b24.tools.ping.make());
await step('unknownMethod', () => call('im.nope'));
await step('ownError', () => call('im.dialog.get', {}));

await step('busy', async () => {
  const start = Date.now();
  await call(input.busyMethod);
  return Date.now() - start;
});

await step('helper', async () => {
  const { App, Profile, AppOptions, UserOptions } = LoadDataType;
  const wanted = input.webhook ? [Profile] : [App, Profile, AppOptions, UserOptions];
  const helper = await useB24Helper().initB24Helper($b24, wanted);
  const profile = { id: helper.profileInfo.data.id, name: helper.profileInfo.data.name };
  if (input.webhook) return profile;
  await helper.userOptions.save({ colour: 'Größe' });
  await helper.loadData(wanted);
  return {
    ...profile, code: helper.appInfo.data.code, status: helper.appInfo.statusCode, selfHosted: helper.licenseInfo.data.isSelfHosted,
    colour: helper.userOptions.getString('colour', ''),
  };
});

if (input.webhook) {
  await step('wrongSecret', async () => {
    const $wrong = B24Hook.fromWebhookUrl(input.webhook.replace(/[^/]+$/, 'wrongwrongwrong1'));
    return (await $wrong.callMethod('im.recent.get', {})).getData().result;
  });
} else {
  const later = Math.floor(Date.now() / 1000) + 3600;
  let newest = input.expired;
  const remember = ({ b24OAuthParams }) => {
    const { accessToken, refreshToken } = b24OAuthParams;
    newest = { ...newest, access_token: accessToken, refresh_token: refreshToken, expires: b24OAuthParams.expires };
  };

  await step('wrongSecret', async () => {
    const $wrong = signedIn(input.expired, { clientSecret: 'wrong' });
    return (await $wrong.callMethod('profile', {})).getData().result;
  });
  await step('invalidToken', async () => {
    const $wrong = signedIn(input.fresh, { access_token: 'wrong', refresh_token: 'wrong', expires: later });
    return (await $wrong.callMethod('profile', {})).getData().result;
  });
  // The client believes that its token is good: the server has to say that it is not.
  await step('expiredToken', async () => {
    const $stale = signedIn(input.expired, { expires: later }, remember);
    const rows = (await $stale.callMethod('im.recent.get', input.example)).getData().result;
    return { rows: rows.length, renewed: newest.access_token !== input.expired.access_token, lasts: newest.expires > Date.now() / 1000 + 3000 };
  });
  await step('expiryKnown', async () => {
    const before = newest.access_token;
    const $stale = signedIn(newest, { expires: input.expired.expires }, remember);
    const { ID } = (await $stale.callMethod('profile', {})).getData().result;
    return { ID, renewed: newest.access_token !== before };
  });
  await step('expiredTogether', async () => {
    const $stale = signedIn(newest, { access_token: input.expired.access_token, expires: later }, remember);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => $stale.callMethod('profile', {})));
    return answers.map((answer) => answer.getData().result.ID);
  });
  await step('expiredBatch', async () => {
    const $stale = signedIn(newest, { access_token: input.expired.access_token, expires: later }, remember);
    return (await $stale.callBatch({ me: { method: 'profile' } }, true)).getData().me.ID;
  });
  await step('isAdmin', async () => {
    await $b24.initIsAdmin();
    return $b24.auth.isAdmin;
  });
}

console.log(JSON.stringify({ client: 'b24jssdk', version, steps }));
process.exit(0);
