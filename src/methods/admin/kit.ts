/** What the methods for administrators have in common. */
import type { z } from 'zod';
import { FieldError } from '../../base/field-error.ts';
import type { Errors } from '../../base/declared-error.ts';
import { ADMIN_SCOPE } from '../../identity/webhooks.ts';
import type { UserRow } from '../../messenger/people/enrolling.ts';
import { error, type Method, type MethodDeclaration, MethodError, Paged } from '../../rest/method.ts';
import { int, type Param } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { type AppContext, defineMethod } from '../app.ts';
import { nextPage, type OffsetPage, toPage } from '../params.ts';

const ACCESS_DENIED = error('ACCESS_DENIED', 403, 'Only an administrator may do this, and no application for them');

type Declaration<P, R extends z.ZodType, E extends Errors> = Omit<MethodDeclaration<AppContext, P, R, E>, 'scope' | 'exactScope' | 'summary'> & {
  summary: string;
  /** The parameters in which the rules' fields come, where the names are not alike. */
  fields?: Readonly<Record<string, string>>;
  /** The parameter in which the rules' fields are keys. */
  within?: string;
};

/** Declares a method that only administrators may call, by their own webhooks and pages. What a rule does not take is said of its parameter. */
export function adminMethod<E extends Errors, P extends Record<string, Param<unknown, Extract<keyof E, string>>>, R extends z.ZodType>(
  { fields = {}, within, summary, run, errors, ...declaration }: Declaration<P, R, E>,
): Method<AppContext> {
  const nameFor = (field: string) => (within === undefined ? (fields[field] ?? field.toUpperCase().replaceAll('-', '_')) : `${within}[${field}]`);
  return defineMethod({
    ...declaration,
    summary: `${summary}; for administrators`,
    scope: ADMIN_SCOPE,
    exactScope: true,
    errors: { ...errors, ACCESS_DENIED } as unknown as E,
    async run(call) {
      if (!call.caller.admin || call.caller.application) throw new MethodError(ACCESS_DENIED);
      try {
        return await run(call);
      } catch (thrown) {
        throw thrown instanceof FieldError ? argumentError(nameFor(thrown.field), inWords(thrown.message)) : thrown;
      }
    },
  });
}

/** Goes on from the name of the argument. */
function inWords(problem: string): string {
  return /^(is|must|has|does|names|contains) /.test(problem) ? problem : `is wrong: ${problem}`;
}

const PAGE = 50;
const LARGEST_PAGE = 200;

export const pages = {
  OFFSET: int({ description: 'Rows to pass over', min: 0, max: 1_000_000_000 }),
  LIMIT: int({ description: `Rows on a page, ${PAGE} unless given, at most ${LARGEST_PAGE}`, min: 1, max: LARGEST_PAGE, clamp: true }),
};

/** @param start the offset as it is written beside the parameters */
export function pageIn(params: { OFFSET: number | undefined; LIMIT: number | undefined }, start: number): OffsetPage {
  return toPage(params, start, PAGE);
}

export function paged<T>(rows: T[], page: OffsetPage, total: number): Paged<T[]> {
  return new Paged(rows, nextPage(page, total));
}

/** One of a few words, in whatever case. */
export function choice<const W extends string>({ description, words }: { description: string; words: readonly W[] }): Param<W | undefined> {
  return {
    type: 'string',
    required: false,
    description: `${description}: ${words.join(', ')}`,
    parse(raw, name) {
      if (raw === undefined || raw === null || raw === '') return undefined;
      const found = words.find((word) => typeof raw === 'string' && word.toLowerCase() === raw.trim().toLowerCase());
      if (found === undefined) throw argumentError(name, `must be one of ${words.join(', ')}`);
      return found;
    },
  };
}

/** Unlike other lists, one left out differs from an empty one: it changes nothing. */
export function unlessLeftOut<T>(param: Param<T>): Param<T | undefined> {
  return { ...param, parse: (raw, name, env) => (raw === undefined || raw === null ? undefined : param.parse(raw, name, env)) };
}

/** What is given of some values, without those left out. */
export function given<T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

export function nameOf(user: Pick<UserRow, 'id' | 'first_name' | 'last_name'>): string {
  return `${user.first_name} ${user.last_name}`.trim() || `User ${user.id}`;
}
