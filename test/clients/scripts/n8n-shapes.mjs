// What n8n sends from its HTTP Request node, with the library that it uses, axios: forms with brackets, its own Accept
// header, webhooks as addresses, OAuth2 credentials as a Bearer header. n8n itself is a server with a thousand packages.
import { createRequire } from 'node:module';

const input = JSON.parse(process.env.CLIENT_INPUT);
const axios = createRequire(`${input.folder}/x.js`)('axios');
const steps = {};
const headers = {
  accept: 'application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7',
  'user-agent': 'n8n',
  ...(input.token && { authorization: `Bearer ${input.token}` }),
};

async function step(name, work) {
  try {
    steps[name] = { value: await work() };
  } catch (error) {
    steps[name] = { error: String(error.response?.data?.error ?? error.code), text: `${error.response?.status} ${error.message}` };
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
/** "Form Urlencoded": pairs of names and values, as the person wrote them. */
const form = async (method, pairs) => (await axios.post(`${input.address}${method}`, new URLSearchParams(pairs).toString(), { headers: { ...headers, ...FORM } })).data.result;
/** "Form-Data". */
const multipart = async (method, pairs) => (await axios.postForm(`${input.address}${method}`, Object.fromEntries(pairs), { headers })).data.result;
const json = async (method, data) => (await axios.post(`${input.address}${method}`, data, { headers })).data.result;
/** "Send Query Parameters". */
const query = async (method, params) => (await axios.get(`${input.address}${method}`, { params, headers })).data.result;

const example = Object.entries(input.example);
const commands = [['cmd[me]', 'profile'], ['cmd[recent]', `im.recent.get?${new URLSearchParams(input.example)}`], ['cmd[group]', 'im.dialog.get?DIALOG_ID=$result[recent][0][id]']];

await step('form', () => form('im.recent.get', example));
await step('formWithSuffix', () => form('im.recent.get.json', example));
await step('multipart', () => multipart('im.recent.get', example));
await step('json', () => json('im.recent.get', input.example));
await step('query', () => query('im.recent.get', input.example));
await step('emptyForm', () => form('im.recent.get', []));
await step('namedBatch', async () => (await form('batch', [...commands, ['halt', '1']])).result);
await step('multipartBatch', async () => (await multipart('batch', commands)).result);
await step('users', async () => (await form('user.get', [['FILTER[ACTIVE]', 'true'], ['FILTER[NAME]', 'Anna'], ['order[ID]', 'DESC'], ['start', '0']])).map(({ NAME }) => NAME));
await step('text', async () => {
  const pairs = [['DIALOG_ID', '1'], ['MESSAGE', input.text]];
  const sent = [await form('im.message.add', pairs), await multipart('im.message.add', pairs)];
  const { messages } = await query('im.dialog.messages.get', { DIALOG_ID: 1, LIMIT: 5 });
  for (const id of sent) await form('im.message.delete', [['MESSAGE_ID', id]]);
  return sent.map((id) => messages.find((message) => message.id === id).text);
});
await step('unknownMethod', () => form('im.nope', []));

if (input.app) {
  /** Its OAuth2 credential: the client in the header, or in the body. */
  const token = async (fields, options = {}) => (await axios.post(input.tokenAddress, new URLSearchParams(fields).toString(), { headers: { ...headers, ...FORM, authorization: undefined }, ...options })).data;
  const { client_id, client_secret } = input.app;
  await step('refreshInBody', async () => (await token({ grant_type: 'refresh_token', refresh_token: input.refresh, client_id, client_secret })).user_id);
  await step('refreshInHeader', async () => (await token({ grant_type: 'refresh_token', refresh_token: input.refresh }, { auth: { username: client_id, password: client_secret } })).user_id);
}

console.log(JSON.stringify({ client: 'n8n (axios, as its HTTP Request node sends)', version: axios.VERSION, steps }));
