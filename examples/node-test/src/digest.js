/** The morning digest: one message to oneself about every dialog that waits. */
import { connect } from './client.js';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** @returns the id of the message; undefined when nothing waits, or only what is older than a week */
export async function sendDigest(call) {
  const now = Date.parse(await call('server.time'));
  const rows = await call('im.recent.get', { SKIP_OPENLINES: 'Y' });
  const waiting = rows.filter(({ counter, message }) => counter > 0 && now - Date.parse(message.date) < WEEK_MS);
  if (waiting.length === 0) return undefined;
  const lines = waiting.map(({ title, counter, message }) => `${title}: ${counter} unread, the last one: ${message.text}`);
  const { ID: me } = await call('profile');
  return call('im.message.add', { DIALOG_ID: me, MESSAGE: ['Good morning! This waits for you:', ...lines].join('\n') });
}

/** Who writes "digest" anywhere gets theirs. What an event's handler throws, the portal says again later. */
export async function onEvent({ event, data, auth }, options) {
  if (event !== 'ONIMV2MESSAGEADD' || data.message.text.trim().toLowerCase() !== 'digest') return;
  await sendDigest(connect(auth.client_endpoint, { ...options, token: auth.access_token }));
}
