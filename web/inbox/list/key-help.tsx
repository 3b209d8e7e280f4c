/** The page of keys. */
import { Dialog } from '../../lib/dialog.tsx';
import { allShortcuts, type Shortcut, singleKeys } from '../store/keys.ts';
import { store } from '../../lib/stored.ts';
import { keysOpen } from './keys-open.ts';
import { t } from './words.ts';

const SIGNS: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑', PageUp: 'PgUp', PageDown: 'PgDn' };

function keysOf({ key, ctrl, alt, shift }: Shortcut): string[] {
  const name = SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  return [ctrl && 'Ctrl', alt && 'Alt', shift && 'Shift', name].filter((part) => typeof part === 'string');
}

/** Those that do the same stand together. */
function byHelp(): Array<[string, string[][]]> {
  const found = new Map<string, string[][]>();
  for (const shortcut of allShortcuts()) found.set(shortcut.help(), [...(found.get(shortcut.help()) ?? []), keysOf(shortcut)]);
  return [...found];
}

export function KeyHelp() {
  const inList: Array<[string, string[][]]> = [
    [t('kMove'), [['↑'], ['↓'], ['Home'], ['End'], ['PgUp'], ['PgDn']]], [t('kOpen'), [['Enter']]], [t('kRowMenu'), [['Shift', 'F10']]], [t('kType'), [['A…Z']]],
  ];
  const toggle = (): void => {
    singleKeys.value = !singleKeys.value;
    store('keys', singleKeys.value ? '' : 'off');
  };
  return (
    <Dialog title={t('keys')} closeText={t('close')} onClose={() => { keysOpen.value = false; }} wide>
      <div class="keys">
        <h3>{t('kGeneral')}</h3>
        {[...byHelp(), [t('kEscape'), [['Esc']]] as [string, string[][]]].map(line)}
        <h3>{t('kList')}</h3>
        {inList.map(line)}
      </div>
      <label class="switch"><input type="checkbox" checked={singleKeys.value} onChange={toggle} />{t('kSingle')}</label>
    </Dialog>
  );
}

function line([help, keys]: [string, string[][]]) {
  return (
    <div class="key-line" key={help}>
      <span>{help}</span>
      <span class="key-set">{keys.map((set) => <span key={set.join()}>{set.map((key) => <kbd key={key}>{key}</kbd>)}</span>)}</span>
    </div>
  );
}
