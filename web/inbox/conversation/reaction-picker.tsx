/** The reactions to choose from, beside a message: a few at first, all when asked for. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { pushEscape } from '../store/keys.ts';
import { reactionPicker } from './picking.ts';
import { FIRST, REACTIONS, signOf } from './reactions.ts';
import { t } from './words.ts';

const close = (): void => {
  reactionPicker.value = undefined;
};

export function ReactionPicker() {
  const open = reactionPicker.value;
  return open ? <Picker key={`${open.at.x} ${open.at.y}`} {...open} /> : null;
}

const EDGE = 8;

function Picker({ at, choose }: { at: DOMRect; choose: (code: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [all, setAll] = useState(false);
  const codes = all ? Object.keys(REACTIONS) : FIRST;
  useLayoutEffect(() => pushEscape(close), []);
  useEffect(() => {
    const before = document.activeElement;
    return () => before instanceof HTMLElement && before.isConnected && before.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => {
    const { offsetWidth: width, offsetHeight: height } = box.current!;
    const top = at.top - height - 4 >= EDGE ? at.top - height - 4 : Math.min(at.bottom + 4, innerHeight - height - EDGE);
    box.current!.style.top = `${top}px`;
    box.current!.style.left = `${Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE))}px`;
    box.current!.querySelectorAll('button')[all ? FIRST.length : 0]?.focus({ preventScroll: true });
  }, [all]);
  const move = (event: KeyboardEvent) => {
    const buttons = [...box.current!.querySelectorAll('button')];
    const now = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
    if (event.key === 'Tab') close();
    if (step === undefined) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, now + step))]?.focus();
  };
  return (
    <div class="picker-shade" onPointerDown={(event) => event.target === event.currentTarget && close()}>
      <div ref={box} class={all ? 'reaction-picker all' : 'reaction-picker'} role="group" aria-label={t('react')} onKeyDown={move}>
        {codes.map((code) => (
          <button key={code} type="button" aria-label={signOf(code)} onClick={() => {
            close();
            choose(code);
          }}>{signOf(code)}</button>
        ))}
        {!all && <button type="button" aria-label={t('more')} title={t('more')} onClick={() => setAll(true)}><Icon name="more" size={18} /></button>}
      </div>
    </div>
  );
}
