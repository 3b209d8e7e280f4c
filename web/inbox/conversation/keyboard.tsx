/** Buttons under a message. */
import { linkTarget } from './links.ts';
import { isMap } from './message.ts';
import type { TextActions } from './text.tsx';
import { goTo } from '../store/route.ts';

type Button = Readonly<Record<string, unknown>>;

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const colour = (value: unknown): string | undefined => (/^#(?:[\da-f]{3}|[\da-f]{6})$/i.test(word(value)) ? word(value) : undefined);

/** Rows of buttons: those of LINE stand beside each other, NEWLINE begins a row. */
function rowsOf(keyboard: unknown): Button[][] {
  const buttons = isMap(keyboard) ? keyboard['BUTTONS'] : keyboard;
  const rows: Button[][] = [[]];
  for (const button of Array.isArray(buttons) ? buttons.filter(isMap) : []) {
    if (button['TYPE'] === 'NEWLINE') rows.push([]);
    else if (button['DISPLAY'] === 'LINE') rows.at(-1)!.push(button);
    else rows.push([button], []);
  }
  return rows.filter((row) => row.length > 0);
}

export function Keyboard({ value, actions }: { value: unknown; actions: TextActions }) {
  const rows = rowsOf(value);
  if (rows.length === 0) return null;
  return (
    <div class="keyboard">
      {rows.map((row, at) => <div key={at} class="key-row">{row.map((button, column) => <Key key={column} button={button} actions={actions} />)}</div>)}
    </div>
  );
}

function Key({ button, actions }: { button: Button; actions: TextActions }) {
  const look = { background: colour(button['BG_COLOR']), color: colour(button['TEXT_COLOR']) };
  const tone = word(button['BG_COLOR_TOKEN']).toLowerCase();
  const classes = `key${/^(?:primary|alert)$/.test(tone) ? ` ${tone}` : ''}`;
  // A ground with no colour for its text would be a guess.
  const style = look.background && look.color ? { background: look.background, color: look.color } : {};
  const href = linkTarget(word(button['LINK'])) ?? (word(button['ACTION']).toUpperCase() === 'CALL' ? linkTarget(`tel:${word(button['ACTION_VALUE'])}`) : undefined);
  if (href) return <a class={classes} style={style} href={href} target="_blank" rel="noopener noreferrer">{word(button['TEXT'])}</a>;
  const run = actionOf(button, actions);
  return <button type="button" class={classes} style={style} disabled={!run || button['DISABLED'] === 'Y'} onClick={run}>{word(button['TEXT'])}</button>;
}

function actionOf(button: Button, actions: TextActions): (() => void) | undefined {
  const value = word(button['ACTION_VALUE']);
  switch (word(button['ACTION']).toUpperCase()) {
    case 'PUT':
      return actions.put && (() => actions.put!(value));
    case 'SEND':
      return actions.send && (() => actions.send!(value));
    case 'COPY':
      return () => void navigator.clipboard.writeText(value);
    case 'DIALOG':
      return () => goTo(value);
    default:
      return command(button, actions);
  }
}

/** A bot's command is written to it, as people would. */
function command(button: Button, { send }: TextActions): (() => void) | undefined {
  const name = word(button['COMMAND']);
  if (name === '' || !send) return undefined;
  const params = word(button['COMMAND_PARAMS']);
  return () => send(`/${name}${params ? ` ${params}` : ''}`);
}
