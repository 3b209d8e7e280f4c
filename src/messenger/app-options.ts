/** What applications keep here: small JSON values by name, for everybody or for one user. */
import { findOption, lockOptions, readOptions, writeOption } from '../db/app-option-store.ts';
import { done, type Messenger, type Outcome, refused } from './messenger.ts';

export const MOST_OPTIONS = 1000;
export const LONGEST_OPTION_NAME = 255;
/** Of the JSON, in UTF-16 units. */
export const LONGEST_OPTION = 65_535;

/** Whose options: `userId` 0 for the application's own. */
export interface OptionOwner {
  appId: number;
  userId: number;
}

/** JSON by name. */
export async function allOptions(m: Messenger, { appId, userId }: OptionOwner): Promise<Map<string, string>> {
  const rows = await m.db.read((s) => readOptions(s, appId, userId));
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** JSON; undefined when there is no such option. */
export async function oneOption(m: Messenger, { appId, userId }: OptionOwner, name: string): Promise<string | undefined> {
  return (await m.db.read((s) => findOption(s, appId, userId, name)))?.value;
}

/** Adds options or replaces them, all or none. */
export function setOptions(m: Messenger, { appId, userId }: OptionOwner, options: ReadonlyMap<string, string>): Promise<Outcome<true, 'too_many'>> {
  return m.db.write(async (s) => {
    await lockOptions(s, appId);
    const known = (await readOptions(s, appId, userId)).map(({ name }) => name);
    if (new Set([...known, ...options.keys()]).size > MOST_OPTIONS) return refused('too_many');
    for (const [name, value] of options) await writeOption(s, { app_id: appId, user_id: userId, name, value });
    return done(true);
  });
}
