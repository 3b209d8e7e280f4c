export function Conversation({ dialogId }: { dialogId: string }) {
  return <main aria-label={dialogId} />;
}
