/** Users with lists of known lengths, and how they are reached. */
import type { Ready } from '../src/server.ts';
import type { Running } from './processes.ts';
import type { Seeder } from './seed.ts';

/** Address of a method for the user's webhook. */
export function hook(server: Running<Ready>, user: { id: number; code: string }, method: string): string {
  return `${server.ready.http}/rest/${user.id}/${user.code}/${method}`;
}

export interface BenchUser {
  id: number;
  code: string;
  chats: number[];
}

/** A user in `recent` chats of the last days and `old` ones out of the window, each with five colleagues. */
export async function userWithChats(seeder: Seeder, recent: number, old = 0): Promise<BenchUser> {
  const [id, ...colleagues] = (await seeder.users(6)) as [number, ...number[]];
  const chat = (index: number, daysAgo: number) => ({ members: [colleagues[index % 5]!, id], daysAgo });
  const all = [
    ...Array.from({ length: recent }, (_, i) => chat(i, 1)),
    ...Array.from({ length: old }, (_, i) => chat(i, 60)),
  ];
  return { id, code: await seeder.webhook(id), chats: await seeder.chats(`${all.length} chats of one user`, all) };
}
