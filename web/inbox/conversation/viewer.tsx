/** Pictures in large, one after the other. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { viewed } from './viewing.ts';
import { t } from './words.ts';
import './viewer.css';

const close = (): void => {
  viewed.value = undefined;
};

export function Viewer() {
  const box = useRef<HTMLDialogElement>(null);
  const open = viewed.value!;
  const at = open.all.findIndex(({ id }) => id === open.id);
  const file = open.all[at];
  const go = (step: number) => {
    const next = open.all[at + step];
    if (next) viewed.value = { ...open, id: next.id };
  };
  useEffect(() => {
    const before = document.activeElement;
    box.current!.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  if (!file) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) go(document.dir === 'rtl' ? -step : step);
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  return (
    <dialog ref={box} class="viewer" aria-label={t('picture', { name: file.name })} onKeyDown={onKeyDown} onCancel={(event) => {
      event.preventDefault();
      close();
    }}>
      <header class="viewer-head">
        <span><bdi>{file.name}</bdi>{open.all.length > 1 && <small> {at + 1} / {open.all.length}</small>}</span>
        <a class="icon-button" href={file.urlDownload} download={file.name} aria-label={t('download')} title={t('download')}><Icon name="download" /></a>
        <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" /></button>
      </header>
      <div class="viewer-stage" onClick={(event) => event.target === event.currentTarget && close()}>
        {at > 0 && <button type="button" class="viewer-step before" aria-label={t('previous')} onClick={() => go(-1)}><Icon name="back" size={28} /></button>}
        <img key={file.id} src={file.urlShow} alt={file.name} {...(file.image && { width: file.image.width, height: file.image.height })} />
        {at < open.all.length - 1 && <button type="button" class="viewer-step after" aria-label={t('next')} onClick={() => go(1)}><Icon name="back" size={28} /></button>}
      </div>
    </dialog>
  );
}
