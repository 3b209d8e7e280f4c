/** Two panes beside each other; on a phone one at a time. */
import { Conversation } from './conversation/conversation.tsx';
import { ListPane } from './list/list-pane.tsx';
import { openDialog } from './store/route.ts';
import './app.css';

export function App() {
  const open = openDialog.value;
  return (
    <div class={open === '' ? 'panes' : 'panes opened'}>
      <ListPane />
      <Conversation dialogId={open} />
    </div>
  );
}
