/** Numbered, forward-only, imported statically. */
import { initial } from './0001-initial.ts';
import { applications } from './0002-applications.ts';
import { clock } from './0003-clock.ts';
import { ownUuids } from './0004-own-uuids.ts';
import { bindings } from './0005-bindings.ts';
import { people } from './0006-people.ts';
import { revisions } from './0007-revisions.ts';
import { warm } from './0008-warm.ts';
import { walks } from './0009-walks.ts';
import { permissions } from './0010-permissions.ts';
import { likes } from './0011-likes.ts';
import { notifications } from './0012-notifications.ts';
import { status } from './0013-status.ts';
import { lastSearches } from './0014-last-searches.ts';
import { oldRows } from './0015-old-rows.ts';
import { files } from './0016-files.ts';
import { blobs } from './0018-blobs.ts';
import { texts } from './0019-texts.ts';
import { reactions } from './0021-reactions.ts';
import { comments } from './0022-comments.ts';
import { userEvents } from './0023-user-events.ts';
import { offlineEvents } from './0024-offline-events.ts';
import { longDetails } from './0026-long-details.ts';
import { frames } from './0028-frames.ts';
import { chatFiles } from './0029-chat-files.ts';
import { intake } from './0030-intake.ts';
import { watches } from './0031-watches.ts';
import { standing } from './0032-standing.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  initial, applications, clock, ownUuids, bindings, people, revisions, warm, walks, permissions, likes, notifications, status,
  lastSearches, oldRows, files, blobs, texts, reactions, comments, userEvents, offlineEvents, longDetails, frames, chatFiles, intake, watches, standing,
];
