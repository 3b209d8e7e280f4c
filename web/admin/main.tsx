/** The administrators' page. All that it does it does by methods that anybody with the right may call. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import '../lib/tokens.css';
import '../lib/base.css';
import { lang } from '../lib/i18n.ts';
import { watchTheme } from '../lib/theme.ts';
import { App } from './app.tsx';

watchTheme();
effect(() => {
  document.documentElement.lang = lang.value;
});
render(<App />, document.getElementById('app')!);
