/** `tidemark/testing`. */
import { systemClock } from '../base/clock.ts';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import { writeSetting } from '../db/stores/portal-store.ts';
import { databaseIn } from '../portal/folder.ts';
import { moveClock } from '../portal/moving-clock.ts';
import { openStore } from '../portal/open-portal.ts';
import { POLICY_KEYS } from '../portal/policy.ts';
import type { Portal, PortalOptions } from './api.ts';
import { makePlace, type Place } from './place.ts';
import { TestPortal } from './portal.ts';

export type * from './api.ts';
export { CallError } from './calling.ts';

/** What a test may do on its portal, and nobody on others unless it is allowed. */
const ALLOWED = [POLICY_KEYS.rehearsals, POLICY_KEYS.movableClock, POLICY_KEYS.privateHandlers];

/**
 * A portal of its own for a test, at free ports; it is there when the promise resolves, and goes with `await using` or `close()`.
 * Any number may run beside one another.
 *
 * @throws Error naming what cannot be
 */
export async function startPortal(options: PortalOptions = {}): Promise<Portal> {
  const { database = 'sqlite', process: where = 'this', users = [], chats = [] } = options;
  const place = await makePlace(database === 'sqlite' ? undefined : postgres(database));
  let portal: TestPortal | undefined;
  try {
    await prepare(place, options);
    portal = await TestPortal.start(configOf(place, options), where, place);
    for (const user of users) await portal.addUser(user);
    for (const chat of chats) await portal.addChat(chat);
    return portal;
  } catch (error) {
    // A server that goes on where its folder is gone would end the whole process.
    await (portal ?? place)[Symbol.asyncDispose]();
    throw error;
  }
}

function postgres(address: string): string {
  if (!/^postgres(?:ql)?:\/\//.test(address)) throw new ConfigError(`database: "${address}" is neither sqlite nor a postgres:// address`);
  return address;
}

function configOf({ data, databaseUrl }: Place, { plan, demo = false, log = 'silent' }: PortalOptions): Config {
  return { ...loadConfig({}, {}), port: 0, tlsPort: 0, data, databaseUrl, empty: !demo, json: true, logLevel: log, plan: plan ?? '' };
}

/** What is set before the first start, so that all of it is of the time that was asked for. */
async function prepare({ data, databaseUrl }: Place, { clock }: PortalOptions): Promise<void> {
  const db = await openStore({ data, databaseUrl }, databaseIn(data), { onFailure: raise, onFault: raise });
  try {
    await db.write(async (s) => {
      for (const key of ALLOWED) await writeSetting(s, key, '1');
      if (clock !== undefined) await moveClock(s, systemClock(), { set: new Date(clock).getTime() });
    });
  } finally {
    await db.close();
  }
}

function raise(fault: unknown): never {
  throw fault;
}
