/** Files under a message: pictures in their true proportions, players, and lines to fetch the rest by. */
import { useState } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import type { FileInfo } from './message.ts';
import { sizeOf } from './sizes.ts';
import { openViewer } from './viewing.ts';
import { t } from './words.ts';

export function Files({ files }: { files: readonly FileInfo[] }) {
  const pictures = files.filter(({ type, image }) => type === 'image' && image);
  const others = files.filter((file) => !pictures.includes(file));
  return (
    <>
      {pictures.length > 0 && (
        <div class={pictures.length === 1 ? 'pictures one' : 'pictures'}>
          {pictures.map((file) => <Picture key={file.id} file={file} all={pictures} alone={pictures.length === 1} />)}
        </div>
      )}
      {others.map((file) => <OtherFile key={file.id} file={file} />)}
    </>
  );
}

/** The largest a picture is drawn in a message, in pixels. */
const MOST = { width: 420, height: 340 };

function Picture({ file, all, alone }: { file: FileInfo; all: readonly FileInfo[]; alone: boolean }) {
  const [failed, setFailed] = useState(false);
  const { width, height } = file.image as { width: number; height: number };
  const scale = Math.min(1, MOST.width / width, MOST.height / height);
  const size = alone ? { inlineSize: `${Math.max(96, Math.round(width * scale))}px`, aspectRatio: `${width} / ${height}` } : {};
  return (
    <button type="button" class="picture" style={size} aria-label={t('openPicture', { name: file.name })} title={file.name} onClick={() => openViewer(file.id, all)}>
      {failed ? <Icon name="picture" size={32} /> : <img src={alone && scale < 1 ? file.urlShow : file.urlPreview || file.urlShow} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setFailed(true)} />}
    </button>
  );
}

function OtherFile({ file }: { file: FileInfo }) {
  return (
    <div class="file">
      {file.type === 'video' && <video controls preload="metadata" src={file.urlShow} aria-label={file.name} />}
      {file.type === 'audio' && <audio controls preload="none" src={file.urlShow} aria-label={file.name} />}
      <a class="file-line" href={file.urlDownload} download={file.name}>
        <span class="file-sign" aria-hidden="true">{file.extension.slice(0, 4) || <Icon name="file" />}</span>
        <span class="file-words">
          <bdi class="file-name">{file.name}</bdi>
          <small>{sizeOf(file.size)}</small>
        </span>
        <span class="hidden-text">{t('download')}</span>
        <Icon name="download" size={18} />
      </a>
    </div>
  );
}
