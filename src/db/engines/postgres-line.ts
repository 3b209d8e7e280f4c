import pg from 'pg';
import type { OpenLine } from '../wakes/channel.ts';

/** Notifications of one database do not reach another. */
const CHANNEL = 'tidemark_wakes';
const CONNECT_TIMEOUT_MS = 3000;

/** Wakes by NOTIFY, on one connection of its own, outside all transactions of the store. */
export function notifyLine(url: string): OpenLine {
  return async (onText) => {
    const client = new pg.Client({
      connectionString: url, application_name: 'tidemark wakes', connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: CONNECT_TIMEOUT_MS, keepAlive: true,
    });
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', resolve);
    });
    client.on('notification', ({ payload = '' }) => onText(payload));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    return {
      send: (text) => client.query('select pg_notify($1, $2)', [CHANNEL, text]),
      check: () => client.query('select 1'),
      lost,
      close: () => client.end(),
    };
  };
}
