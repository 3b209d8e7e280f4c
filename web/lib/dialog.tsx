/** The frame of a dialog: in front of everything, focus kept within, Esc closes it, focus goes back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';
import './dialog.css';

export interface DialogProps {
  title: string;
  /** Name of the button that closes it. */
  closeText: string;
  onClose(): void;
  children: ComponentChildren;
  /** Whether it can be left at all. */
  mayLeave?: boolean;
  wide?: boolean;
}

export function Dialog({ title, closeText, onClose, children, mayLeave = true, wide = false }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    const [dialog, before] = [box.current!, document.activeElement];
    dialog.showModal();
    // It comes unasked: a key that was meant for what lies behind presses nothing.
    if (!mayLeave) heading.current!.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const leave = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
    if (mayLeave) onClose();
  };
  return (
    <dialog
      ref={box} class={wide ? 'dialog wide' : 'dialog'} aria-labelledby={id} onCancel={leave}
      onKeyDown={(event) => event.key === 'Escape' && leave(event)} onPointerDown={(event) => event.target === event.currentTarget && mayLeave && onClose()}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 ref={heading} id={id} tabIndex={mayLeave ? undefined : -1}>{title}</h2>
          {mayLeave && <button type="button" class="icon-button" aria-label={closeText} onClick={onClose}><Icon name="close" /></button>}
        </header>
        {children}
      </div>
    </dialog>
  );
}
