/** Files of a message that is on its way: they are there already, and shown once the message is. */
import { Icon } from '../../lib/icons.tsx';
import { t } from './words.ts';

export function draftedFiles(key: string, n: number) {
  return <span key={key} class="file-line"><span class="file-sign" aria-hidden="true"><Icon name="file" /></span><span class="file-words">{t('files', { n })}</span></span>;
}
