/** A file that is being uploaded, below the messages. */
import { Icon } from '../../lib/icons.tsx';
import type { Upload } from './uploads.ts';
import { t } from './words.ts';

export function UploadRow({ upload: { name, preview, progress, cancel } }: { upload: Upload }) {
  const percent = Math.round(progress * 100);
  return (
    <div class="msg own upload first last">
      <div class="bubble">
        {preview && <img class="upload-picture" src={preview} alt="" />}
        <div class="file-line">
          <button type="button" class="file-sign" aria-label={`${t('cancel')}: ${name}`} title={t('cancel')} onClick={cancel}><Icon name="close" size={18} /></button>
          <span class="file-words">
            <bdi class="file-name">{name}</bdi>
            <progress max={100} value={percent} aria-label={t('uploading', { name })} />
          </span>
        </div>
      </div>
    </div>
  );
}
