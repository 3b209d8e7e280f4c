/** Names of people, as far as the page knows them. */
import { userId as me } from '../../lib/told.ts';
import { userOf } from '../store/people.ts';
import { t } from './words.ts';

/** Draws whoever asks anew when the name becomes known. */
export function nameOf(userId: number): string {
  return userOf(userId).value?.name || t('someone', { id: userId });
}

/** The same, for what one did oneself. */
export const nameOrYou = (userId: number): string => (userId === me ? t('you') : nameOf(userId));
