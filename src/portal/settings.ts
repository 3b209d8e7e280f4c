import type { Database, Session } from '../db/database.ts';
import { TIMEZONE } from '../db/stores/mark-store.ts';
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
  /** For how long one may edit and delete one's own messages, milliseconds; Infinity for ever. */
  editLimit: number;
  /** Bytes: of one file, of all files of one user, of all there are. Infinity for no limit. */
  fileLimits: FileLimits;
  /** What addresses of files are signed with. Empty before the first start has ended. */
  linkSecret: string;
  /** Everything that is set on the portal, by its key. */
  values: ReadonlyMap<string, string>;
}

export interface FileLimits {
  file: number;
  user: number;
  portal: number;
}

/** Bytes of a file where nothing else is set. */
const LARGEST_FILE = 2 ** 31;

/** In bytes; undefined where nothing is set. */
function megabytes(value: string | undefined): number | undefined {
  return value ? Number(value) * 2 ** 20 : undefined;
}

export const SETTING_KEYS = { timezone: TIMEZONE, name: 'name', memberId: 'member_id', editLimit: 'edit_limit', linkSecret: 'link_secret', fileLimit: 'file_limit', userQuota: 'user_quota', portalQuota: 'portal_quota' } as const;

/**
 * Reads the settings, and again whenever somebody else may have changed them; the same object as long as nobody has.
 * `version` of the portal, as the store has just told it: while it stands, nothing is read again.
 *
 * @param onRead told of what is set whenever it has been read
 */
export function settingsReader(db: Database, onRead: (values: Settings['values']) => void = () => {}): (version?: number) => Promise<Settings> {
  const read = async (s: Session) => {
    const values = await readSettings(s);
    onRead(values);
    return toSettings(values);
  };
  const remembered = new Remembered(db, read, (changes) => changes.has('settings'));
  return (version) => remembered.get(version);
}

const zones = new Map<string, Zone>();

/** The same object for the same name: zones remember the offsets they have computed. UTC where none is set. */
export function zoneOf(name: string | null | undefined): Zone {
  const found = zones.get(name ?? 'UTC') ?? new Zone(name ?? 'UTC');
  zones.set(found.name, found);
  return found;
}

function toSettings(values: ReadonlyMap<string, string>): Settings {
  return {
    zone: zoneOf(values.get(SETTING_KEYS.timezone)),
    name: values.get(SETTING_KEYS.name) ?? '',
    memberId: values.get(SETTING_KEYS.memberId) ?? '',
    editLimit: Number(values.get(SETTING_KEYS.editLimit) || Infinity) * 1000,
    fileLimits: {
      file: megabytes(values.get(SETTING_KEYS.fileLimit)) ?? LARGEST_FILE,
      user: megabytes(values.get(SETTING_KEYS.userQuota)) ?? Infinity,
      portal: megabytes(values.get(SETTING_KEYS.portalQuota)) ?? Infinity,
    },
    linkSecret: values.get(SETTING_KEYS.linkSecret) ?? '',
    values,
  };
}
