/** A file that is being uploaded, below the messages. */
import { Icon } from '../../lib/icons.tsx';
import type { Upload } from './uploads.ts';
import { t } from './words.ts';

export function UploadRow({ upload: { name, preview, progress, cancel, retry } }: { upload: Upload }) {
  return (
    <div class="msg own upload first last">
      <div class="bubble">
        {preview && <img class="upload-picture" src={preview} alt="" />}
        <div class="file-line">
          <button type="button" class="file-sign" aria-label={`${t('cancel')}: ${name}`} title={t('cancel')} onClick={cancel}><Icon name="close" size={18} /></button>
          <span class="file-words">
            <bdi class="file-name">{name}</bdi>
            {progress !== undefined && <progress max={100} value={Math.round(progress * 100)} aria-label={t('uploading', { name })} />}
          </span>
        </div>
      </div>
      {progress === undefined && (
        <p class="not-sent">
          <span>{t('tooLarge', { name })}</span>
          <button type="button" onClick={retry}>{t('retry')}</button>
          <button type="button" onClick={cancel}>{t('discard')}</button>
        </p>
      )}
    </div>
  );
}
