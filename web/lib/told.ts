/** What the server has told the page in its head: see the shell. */
export function told(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="tidemark:${name}"]`)?.content ?? '';
}

export const userId = Number(told('user'));
export const isAdmin = told('admin') === '1';
export const portalName = told('portal');
