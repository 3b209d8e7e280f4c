/** The inbox. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import '../lib/tokens.css';
import '../lib/base.css';
import { lang } from '../lib/i18n.ts';
import { watchTheme } from '../lib/theme.ts';
import { watchDays } from '../lib/time.ts';
import { App } from './app.tsx';

watchTheme();
watchDays();
effect(() => {
  document.documentElement.lang = lang.value;
});
render(<App />, document.getElementById('app')!);
// Only where there is one: not on plain HTTP from elsewhere.
void navigator.serviceWorker?.register('/sw.js').catch(() => undefined);
