/** What applications keep here: small JSON values by name, for everybody or for one user. */
import { findOption, lockOptions, measureOptions, readOptions, writeOption } from '../db/stores/app-option-store.ts';
import { done, type Outcome, refused } from '../base/outcome.ts';
import type { Portal } from '../portal/portal.ts';
import { yieldToOthers } from '../base/turns.ts';

const MOST_OPTIONS = 1000;
export const LONGEST_OPTION_NAME = 255;
/** Of the JSON, in UTF-16 units. */
const LONGEST_OPTION = 65_535;
/** Of the JSON of all options of one owner, bytes: they are given in one answer. */
const MOST_OPTION_BYTES = 1024 * 1024;

/** Whose options: `userId` 0 for the application's own. */
export interface OptionOwner {
  appId: number;
  userId: number;
}

/** What speaks against an option, in words that follow on what names it; undefined when nothing does. */
function optionProblem(name: string, json: string): string | undefined {
  if (name === '' || name.length > LONGEST_OPTION_NAME || name.includes('\0')) {
    return `has a name that is empty, has a NUL character or more than ${LONGEST_OPTION_NAME} characters`;
  }
  return json.length > LONGEST_OPTION ? `has a value whose JSON is longer than ${LONGEST_OPTION} characters` : undefined;
}

const TOO_MUCH = {
  too_many: `would make more than ${MOST_OPTIONS} options`,
  too_large: `would make more than ${MOST_OPTION_BYTES} bytes of options`,
};

/** JSON by name. */
export function allOptions(portal: Portal, { appId, userId }: OptionOwner): Promise<Map<string, string>> {
  return portal.db.read(async (s) => {
    const options = new Map<string, string>();
    for await (const chunk of readOptions(s, appId, userId)) {
      for (const { name, value } of chunk) options.set(name, value);
      await yieldToOthers();
    }
    return options;
  });
}

/** JSON; undefined when there is no such option. */
export async function oneOption(portal: Portal, { appId, userId }: OptionOwner, name: string): Promise<string | undefined> {
  return (await portal.db.read((s) => findOption(s, appId, userId, name)))?.value;
}

/** Adds options or replaces them, all or none; what speaks against it is said in words that follow on what names them. */
export function setOptions(portal: Portal, { appId, userId }: OptionOwner, options: ReadonlyMap<string, string>): Promise<Outcome<true, string>> {
  const problem = [...options].map(([name, json]) => optionProblem(name, json)).find((text) => text !== undefined);
  if (problem !== undefined) return Promise.resolve(refused(problem));
  return portal.db.write(async (s) => {
    await lockOptions(s, appId);
    const sizes = new Map((await measureOptions(s, appId, userId)).map(({ name, size }) => [name, size]));
    for (const [name, value] of options) sizes.set(name, Buffer.byteLength(value));
    if (sizes.size > MOST_OPTIONS) return refused(TOO_MUCH.too_many);
    if ([...sizes.values()].reduce((sum, size) => sum + size, 0) > MOST_OPTION_BYTES) return refused(TOO_MUCH.too_large);
    for (const [name, value] of options) await writeOption(s, { app_id: appId, user_id: userId, name, value });
    return done(true);
  });
}
