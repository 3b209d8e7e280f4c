import type { Database } from '../db/database.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { Remembered } from '../db/remembered.ts';
import { Zone } from '../base/dates.ts';

/** The portal's settings. They are changed by `tidemark portal set` while the server runs. */
export interface Settings {
  /** The zone of every date on the wire. */
  zone: Zone;
  name: string;
  /** 32 hexadecimal digits that identify this portal for ever. */
  memberId: string;
  /** Events, in capital letters, of which somebody wants to be told. */
  events: ReadonlySet<string>;
  /** Everything that is set on the portal, by its key. */
  values: ReadonlyMap<string, string>;
}

export const SETTING_KEYS = { timezone: 'timezone', name: 'name', memberId: 'member_id', events: 'bound_events' } as const;

/** Reads the settings, and again whenever somebody else may have changed them; the same object as long as nobody has. */
export interface SettingsReader {
  /** @param version of the portal, as the store has just told it: while it stands, nothing is read again */
  (version?: number): Promise<Settings>;
  /** What was read last. */
  latest(): Settings | undefined;
}

export function settingsReader(db: Database): SettingsReader {
  let latest: Settings | undefined;
  const remembered = new Remembered(
    db,
    async (s) => toSettings(await readSettings(s), latest),
    (changes) => changes.has('settings'),
  );
  const read = async (version?: number) => {
    latest = await remembered.get(version);
    return latest;
  };
  return Object.assign(read, { latest: () => latest });
}

/** Zones are kept because they remember the offsets they have computed. */
function toSettings(values: ReadonlyMap<string, string>, before: Settings | undefined): Settings {
  const timezone = values.get(SETTING_KEYS.timezone) ?? 'UTC';
  return {
    zone: before?.zone.name === timezone ? before.zone : new Zone(timezone),
    name: values.get(SETTING_KEYS.name) ?? '',
    memberId: values.get(SETTING_KEYS.memberId) ?? '',
    events: new Set((values.get(SETTING_KEYS.events) ?? '').split(',').filter((event) => event !== '')),
    values,
  };
}
