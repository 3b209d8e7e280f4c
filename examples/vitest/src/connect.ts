import { B24Hook, ParamsFactory, type RestrictionParams } from '@bitrix24/b24jssdk';

const TRIES = 3;

/** @param limits how quickly the SDK calls, and how long it waits when that was too quick */
export async function connect(webhook: string, limits: RestrictionParams = ParamsFactory.getDefault()): Promise<B24Hook> {
  const $b24 = B24Hook.fromWebhookUrl(webhook);
  await $b24.setRestrictionManagerParams({ ...limits, maxRetries: TRIES });
  return $b24;
}
