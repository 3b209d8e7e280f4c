/** Files that are to be sent, before they are. */
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { sizeOf } from '../conversation/sizes.ts';
import { t } from '../conversation/words.ts';

export function Tray({ files, onRemove }: { files: readonly File[]; onRemove: (file: File) => void }) {
  return (
    <ul class="tray" aria-label={t('files', { n: files.length })}>
      {files.map((file, at) => <Chosen key={`${file.name} ${file.size} ${at}`} file={file} onRemove={() => onRemove(file)} />)}
    </ul>
  );
}

function Chosen({ file, onRemove }: { file: File; onRemove: () => void }) {
  const picture = usePicture(file);
  return (
    <li class="chosen">
      {picture ? <img src={picture} alt="" /> : <span class="file-sign" aria-hidden="true"><Icon name="file" /></span>}
      <span class="file-words"><bdi class="file-name">{file.name}</bdi><small>{sizeOf(file.size)}</small></span>
      <button type="button" class="icon-button" aria-label={t('takeOff', { name: file.name })} title={t('takeOff', { name: file.name })} onClick={onRemove}><Icon name="close" size={16} /></button>
    </li>
  );
}

function usePicture(file: File): string {
  const [address, setAddress] = useState('');
  useEffect(() => {
    if (!file.type.startsWith('image/')) return undefined;
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
