/** Plays a sequence of operations on a server and on the model. */
import { auditAll, auditList, auditLists } from './audit.ts';
import { type Operation, stepOf } from './operations.ts';
import { type Arena, Stage } from './stage.ts';

const AUDIT_EVERY = 9;

/**
 * @param atEachStep whether everybody's list is looked at after each operation
 * @throws with the calls that were made, when what the server shows is not what the model says
 */
export async function play(arena: Arena, operations: readonly Operation[], atEachStep = false): Promise<void> {
  const stage = await Stage.set(arena);
  try {
    for (const [index, next] of operations.entries()) {
      await act(stage, next);
      if (atEachStep) await auditLists(stage);
      if (index % AUDIT_EVERY === AUDIT_EVERY - 1) await auditAll(stage);
    }
    await auditAll(stage);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\nCalls made:\n${stage.log.join('\n')}\n`, { cause: error });
  }
}

async function act(stage: Stage, next: Operation): Promise<void> {
  if (next.op === 'wait') return stage.wait(next.ms);
  if (next.op === 'fold') return stage.fold(next.chat);
  if (next.op !== 'look') {
    const step = stepOf(stage, next);
    return step && stage.perform(step);
  }
  const client = stage.cast[next.by]!;
  if (!stage.model.user(client.userId).active) return;
  stage.note(`${stage.name(client.userId)} (${client.userId}) im.recent.get`);
  await auditList(stage, client);
}
