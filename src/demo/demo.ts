/** The team that a first start finds on the portal. */
import type { Clock } from '../base/clock.ts';
import type { Database } from '../db/database.ts';
import { insertDepartment, updateDepartment } from '../db/stores/department-store.ts';
import { findUser } from '../db/stores/user-store.ts';
import type { FileStore } from '../messenger/files/storing.ts';
import { createMessenger, type Messenger } from '../messenger/messenger.ts';
import { addUser, changeUser, type UserChanges } from '../messenger/people/users.ts';
import { COMPANY, departmentId, DEPARTMENTS, idOf, isInside, type Name, NAMES, type Person, person } from './data.ts';
import { DIALOGS } from './dialogs.ts';
import { ENTITIES } from './entities.ts';
import { GROUPS } from './groups.ts';
import { must, Scene } from './scene.ts';
import { ADMIN_ID } from '../portal/portal.ts';

const DAY_MS = 86_400_000;
/** When the first of the team was hired; the others follow a week apart. */
const FIRST_HIRED_MS = 400 * DAY_MS;
const BACK_IN_MS = 9 * DAY_MS;

/** Shows whatever time it was set to, so that the past can be played. */
class DemoClock implements Clock {
  at = 0;
  now(): number {
    return this.at;
  }
  precise(): number {
    return this.at;
  }
}

/**
 * Fills a fresh portal, on which there is only the administrator: the people, then everything they said and did in the
 * order of its dates, so that ids grow with time. It is the same on every portal but for the dates, which end now.
 */
export async function furnishDemo(db: Database, blobs: FileStore): Promise<void> {
  const now = await firstStart(db);
  const clock = new DemoClock();
  const m = createMessenger(db, clock);
  for (const [index, name] of NAMES.entries()) {
    clock.at = now - FIRST_HIRED_MS + index * 7 * DAY_MS;
    await hire(m, name);
  }
  await organize(db, now);
  // What happens together in the scene is of one second.
  const lastActive = await play(m, blobs, clock, now - (now % 1000));
  clock.at = now;
  for (const name of NAMES) await settle(m, name, lastActive.get(name) ?? 0, now);
}

/** The portal's first department becomes the company, and the others stand below it. */
async function organize(db: Database, now: number): Promise<void> {
  await db.write(async (s) => {
    await updateDepartment(s, departmentId(0), { name: COMPANY, head_id: idOf('nora') });
    for (const [index, { name, head, above = 0 }] of DEPARTMENTS.entries()) {
      const department = { name, sort: (index + 1) * 100, parent_id: departmentId(above), head_id: idOf(head), created_at: now };
      const id = await insertDepartment(s, department);
      if (id !== departmentId(index + 1)) throw new Error('the demo team needs a fresh portal');
    }
  });
}

/** The administrator was made at this very start, by the server's clock. */
async function firstStart(db: Database): Promise<number> {
  const admin = await db.read((s) => findUser(s, ADMIN_ID));
  if (!admin) throw new Error('the administrator (user 1) is missing');
  return admin.created_at;
}

/** The administrator is there already and only gets a name. */
async function hire(m: Messenger, name: Name): Promise<void> {
  const profile = profileOf(name, person(name));
  if (idOf(name) === ADMIN_ID) must(await changeUser(m, ADMIN_ID, profile));
  else if (must(await addUser(m, ADMIN_ID, profile)) !== idOf(name)) throw new Error('the demo team needs a fresh portal');
}

function profileOf(name: Name, { first, last, position, gender, birthday, zone, city, department, kind }: Person): UserChanges {
  const number = String(idOf(name)).padStart(2, '0');
  const phones = { work_phone: `+44 20 7946 01${number}`, personal_mobile: `+44 7700 9001${number}`, inner_phone: `1${number}` };
  const profile = { PERSONAL_CITY: city, WORK_COMPANY: COMPANY, WORK_DEPARTMENT: department && DEPARTMENTS[department - 1]?.name };
  return {
    first_name: first,
    last_name: last,
    work_position: position,
    gender,
    birthday: birthday ?? '',
    time_zone: zone ?? '',
    email: kind === 'bot' || kind === 'visitor' ? '' : `${name}@saltmarsh.example`,
    website: kind === undefined ? 'https://saltmarsh.example' : '',
    extranet: isInside(person(name)) ? 0 : 1,
    external_auth_id: kind === 'bot' ? 'bot' : kind === 'visitor' ? 'imconnector' : '',
    phones: department ? JSON.stringify(phones) : '{}',
    departments: JSON.stringify(department ? [departmentId(department)] : []),
    profile: JSON.stringify(department ? profile : {}),
  };
}

/** @returns when each person did something last, milliseconds */
async function play(m: Messenger, blobs: FileStore, clock: DemoClock, now: number): Promise<Map<Name, number>> {
  const lastActive = new Map<Name, number>();
  const steps = [...GROUPS, ...DIALOGS, ...ENTITIES].flatMap((script) => new Scene(m, blobs, script, now).steps());
  for (const { at, by, run } of steps.sort((a, b) => a.at - b.at)) {
    clock.at = at;
    await run();
    lastActive.set(by, at);
  }
  return lastActive;
}

/** How things stand for somebody in the end. */
async function settle(m: Messenger, name: Name, lastActive: number, now: number): Promise<void> {
  const { gone } = person(name);
  const changes: UserChanges = { last_activity_at: lastActive };
  if (gone === 'dismissed') changes.active = 0;
  if (gone === 'absent') changes.absent_until = now + BACK_IN_MS;
  must(await changeUser(m, idOf(name), changes));
}
