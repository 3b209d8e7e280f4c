/** The inbox. */
import { render } from 'preact';
import '../lib/tokens.css';
import '../lib/base.css';
import { lang } from '../lib/i18n.ts';
import { watchTheme } from '../lib/theme.ts';
import { watchDays } from '../lib/time.ts';
import { effect } from '@preact/signals';
import { App } from './app.tsx';

watchTheme();
watchDays();
effect(() => {
  document.documentElement.lang = lang.value;
});
render(<App />, document.getElementById('app')!);
