/** Previews of what the links in messages lead to: an attachment that the messenger makes, some time after the message. */
import { lockChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findMessage, lockMessage, type MessageRow, updateMessage } from '../../db/stores/message-store.ts';
import type { PreviewRow } from '../../db/stores/preview-store.ts';
import type { Messenger } from '../messenger.ts';
import { touchAll } from '../posting/erasing.ts';
import { quotedName } from '../views/markup.ts';
import { firstLink } from '../views/links.ts';
import { storedMap } from '../views/presenting.ts';

/** The link of a message that is to be previewed; undefined where there is none, where nobody wants it, or where it has an attachment. */
export function linkToPreview(message: MessageRow): string | undefined {
  if (message.deleted === 1 || message.author_id === 0) return undefined;
  const params = storedMap(message.params);
  return 'ATTACH' in params || params['URL_PREVIEW'] === 'N' ? undefined : firstLink(message.text);
}

/** Attaches a preview where the message still wants just that. Whoever has the row in their list, and whoever follows the journal, sees the change. */
export async function attachPreview(s: WriteSession, m: Messenger, messageId: number, preview: PreviewRow): Promise<void> {
  const before = await findMessage(s, messageId);
  const chat = before && (await lockChat(s, before.chat_id));
  const message = chat && (await lockMessage(s, messageId));
  if (!message || linkToPreview(message) !== preview.url) return;
  await updateMessage(s, messageId, { params: JSON.stringify({ ...storedMap(message.params), ...previewParams(preview, message.text) }) });
  if (chat.last_message_id === messageId) await touchAll(s, m, chat);
  s.changes.note({ what: 'link.previewed', chatId: chat.id, subjectId: messageId });
}

function previewParams({ id, url, title, description, image }: PreviewRow, text: string) {
  // What strangers' pages say of themselves is no markup here.
  const card = { LINK: url, NAME: quotedName(title), ...(description && { DESC: quotedName(description) }), ...(image && { PREVIEW: image }) };
  return {
    ATTACH: [{ ID: id, BLOCKS: [{ RICH_LINK: [card] }] }],
    URL_ID: [id],
    ...(text.trim() === url || `${text.trim()}/` === url ? { URL_ONLY: 'Y' } : {}),
  };
}
