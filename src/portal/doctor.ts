import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../db/database.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { countUsers } from '../db/stores/user-store.ts';
import { durationText } from '../base/movable-clock.ts';
import { movedBy } from './moving-clock.ts';
import { POLICY_KEYS } from './policy.ts';
import { SETTING_KEYS } from './settings.ts';
import { certificatesIn, openToOthers, readServerNote } from './folder.ts';
import { type DataPlace, onPortal } from './open-portal.ts';

export interface Finding {
  what: string;
  ok: boolean;
  detail: string;
}

const OLDEST_NODE = 24;
const RENEWAL_DAYS = 30;

/** Looks at everything that a server needs and says what it finds; changes nothing. */
export async function examine(place: DataPlace): Promise<Finding[]> {
  const findings = [node(), runningServer(place), certificate(place), files(place)];
  try {
    findings.push(...(await onPortal(place, (db) => store(db))));
  } catch (error) {
    findings.push({ what: 'database', ok: false, detail: (error as Error).message });
  }
  return findings;
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return { what: 'Node.js', ok: major >= OLDEST_NODE, detail: `${process.version}, ${OLDEST_NODE} or newer is needed` };
}

function runningServer(place: DataPlace): Finding {
  const server = readServerNote(place.data);
  return { what: 'server', ok: true, detail: server ? `${server.http}, pid ${server.pid}` : 'not running' };
}

function certificate(place: DataPlace): Finding {
  const path = join(certificatesIn(place.data), 'server.pem');
  if (!existsSync(path)) return { what: 'certificate', ok: false, detail: `${path} is missing; the server makes it at its start` };
  const until = new X509Certificate(readFileSync(path)).validToDate;
  const days = Math.floor((until.getTime() - Date.now()) / 86_400_000);
  const ok = days > 0;
  const renewal = days < RENEWAL_DAYS ? ', a running server renews it' : '';
  return { what: 'certificate', ok, detail: `valid for ${days} more days${renewal}` };
}

function files(place: DataPlace): Finding {
  const open = openToOthers(place.data);
  const detail = open.length === 0 ? 'only their owner may read them' : `others may read ${open.join(', ')}; the next start mends it`;
  return { what: 'files', ok: open.length === 0, detail };
}

/** A portal whose clock is moved is for tests. */
function clockFinding(settings: ReadonlyMap<string, string>): Finding {
  const { offset } = movedBy(settings);
  const allowed = settings.get(POLICY_KEYS.movableClock) === '1' ? 'it may be moved: not for production' : 'the machine\'s';
  const moved = `moved by ${durationText(offset)}: tidemark clock release`;
  return { what: 'clock', ok: offset === 0, detail: offset === 0 ? allowed : moved };
}

async function store(db: Database): Promise<Finding[]> {
  const problems = await db.check();
  const { settings, users, admins } = await db.read(async (s) => ({ settings: await readSettings(s), ...(await countUsers(s)) }));
  return [
    { what: 'database', ok: problems.length === 0, detail: problems.length === 0 ? `${db.engine}, sound` : problems.join('; ') },
    clockFinding(settings),
    { what: 'time zone', ok: true, detail: settings.get(SETTING_KEYS.timezone) ?? 'UTC' },
    { what: 'users', ok: admins > 0, detail: `${users}, of them ${admins} active administrators` },
  ];
}
