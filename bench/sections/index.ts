import type { Section } from '../section.ts';
import { answers } from './answers.ts';
import { crowd } from './crowd.ts';
import { files } from './files.ts';
import { changes, lists } from './lists.ts';
import { memory } from './memory.ts';
import { nodes } from './nodes.ts';
import { page } from './page.ts';
import { long, polls } from './polls.ts';
import { postgresFloor } from './postgres-floor.ts';
import { push } from './push.ts';
import { scale } from './scale.ts';
import { endurance, sends } from './sends.ts';

/** In the order in which the results list them. */
export const sections: readonly Section[] = [answers, lists, changes, polls, long, sends, postgresFloor, crowd, push, page, nodes, files, memory, scale, endurance];
