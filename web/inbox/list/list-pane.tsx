export function ListPane() {
  return <nav aria-label="Chats" />;
}
