/**
 * Who called last on each connection, and what. While nothing has changed that decides who may call what, whoever calls the
 * same on it is let in again without a look.
 */
import type { AdmittedCaller, DispatchOptions, KnownCaller, Standing } from './pipeline.ts';
import type { RestRequest } from './request.ts';
import type { ValueMap } from './values.ts';

/** Undefined where the ordinary way has to be taken. @param standing what stands now */
export function knownCaller<C>({ repeats, pending }: DispatchOptions<C>, request: RestRequest, standing: Standing | undefined): KnownCaller<C> | undefined {
  const { path, authorization, connection } = request;
  const known = connection && repeats.callers.get(connection);
  return known && known.path === path && known.standing === standing && authorization === undefined && !pending() ? known : undefined;
}

/** Whether the parameters may say who calls. */
export function namesCaller(params: ValueMap): boolean {
  return 'auth' in params || 'access_token' in params;
}

/**
 * @param standing what stood before anything was looked at for the call
 * @param caller let in by the address alone
 */
export function rememberCaller<C>({ repeats, standing: now }: DispatchOptions<C>, request: RestRequest, standing: Standing | undefined, caller: AdmittedCaller<C>): void {
  const { path, authorization, connection } = request;
  if (!connection || typeof standing !== 'number' || standing !== now() || authorization !== undefined) return;
  // Tokens expire by themselves.
  if (caller.identity.application || caller.credentials?.kind !== 'webhook') return;
  repeats.callers.set(connection, { ...caller, path, repeatable: false, standing });
}
