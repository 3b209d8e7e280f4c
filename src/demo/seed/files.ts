/** Sends files into the chats of a seeded portal, by the rules that anybody is held to. */
import { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../db/database.ts';
import { membersOf } from '../../db/stores/member-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
import { viewerOf } from '../../messenger/access/viewer.ts';
import { sendFile } from '../../messenger/files/chat-files.ts';
import type { FileStore } from '../../messenger/files/storing.ts';
import { createMessenger } from '../../messenger/messenger.ts';
import { FILES } from '../files.ts';
import { Random } from './random.ts';
import type { Watch } from './seeder.ts';
import { textOf } from './words.ts';

/** Members of a chat of whom one who may write is looked for. */
const ASKED = 5;

/** @param chats how many there are, numbered from 1 on @returns how many were sent: in some chats those who are asked may not write */
export async function seedFiles(db: Database, clock: Clock, blobs: FileStore, { files, chats, seed }: { files: number; chats: number; seed: number }, watch: Watch): Promise<number> {
  const m = createMessenger(db, clock);
  let sent = 0;
  for (let i = 0; i < files; i += 1) {
    const random = new Random(seed, 8, i);
    const id = 1 + random.below(chats);
    const { name, content } = random.pick(Object.values(FILES));
    const sender = await db.read(async (s) => {
      const member = random.pick(await membersOf(s, id, ASKED));
      return (await findUser(s, member.user_id))!;
    });
    const incoming = { name: `${i}-${name}`, bytes: Readable.from([Buffer.from(content)]) };
    const outcome = await sendFile(m, blobs, viewerOf(sender), { kind: 'chat', id }, incoming, textOf(random, 0));
    if (outcome.ok) sent += 1;
    watch('files', i + 1, files);
  }
  return sent;
}
