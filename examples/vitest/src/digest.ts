/** The morning digest: one message to oneself about every dialog that waits. Its calls go through the official SDK. */
import type { B24Hook } from '@bitrix24/b24jssdk';

interface Row {
  title: string;
  counter: number;
  message: { text: string; date: string };
}

export interface MessageEvent {
  event: string;
  data: { message?: { text?: string } };
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** @returns the id of the message; undefined when nothing waits, or only what is older than a week */
export async function sendDigest($b24: B24Hook): Promise<number | undefined> {
  const now = Date.parse(await call<string>($b24, 'server.time'));
  const rows = await call<Row[]>($b24, 'im.recent.get', { SKIP_OPENLINES: 'Y' });
  const waiting = rows.filter(({ counter, message }) => counter > 0 && now - Date.parse(message.date) < WEEK_MS);
  if (waiting.length === 0) return undefined;
  const lines = waiting.map(({ title, counter, message }) => `${title}: ${counter} unread, the last one: ${message.text}`);
  const { ID: me } = await call<{ ID: string }>($b24, 'profile');
  return call<number>($b24, 'im.message.add', { DIALOG_ID: me, MESSAGE: ['Good morning! This waits for you:', ...lines].join('\n') });
}

/** A message "digest", whoever writes it, has it sent. What is thrown here the portal says again later. */
export async function onEvent($b24: B24Hook, { event, data }: MessageEvent): Promise<void> {
  if (event === 'ONIMV2MESSAGEADD' && data.message?.text?.toLowerCase() === 'digest') await sendDigest($b24);
}

async function call<T>($b24: B24Hook, method: string, params: Record<string, unknown> = {}): Promise<T> {
  const answer = await $b24.actions.v2.call.make<T>({ method, params });
  return answer.getData()!.result as T;
}
