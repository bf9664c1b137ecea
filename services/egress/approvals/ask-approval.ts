import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Approval } from '#contract/approval';
import type { EntryOf } from '#contract/entry';
import { type VagentContent, vagentContentKey } from '#contract/vagent-content';
import { renderApproval, seedsOf } from '#matrix/render-approval';
import { messageContent } from '#matrix/render-message';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { entryFrame } from '../entry-frame.ts';
import { SendRefusedError } from '../errors.ts';
import type { Sender } from '../sending/create-sender.ts';
import type { OwnEvent } from '../sending/find-own-event.ts';
import { promptKey } from './find-prompt.ts';
import type { Prompts } from './prompts.ts';

export interface AskApprovalDeps {
  readonly sender: Sender;
  readonly prompts: Prompts;
  readonly adminRoom: string;
  readonly log: Logger;
}

/** Posts the prompt into the admin room, once for each approval, with the reactions that answer it. */
export async function askApproval(
  deps: AskApprovalDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.requested'>,
): Promise<Commit> {
  const { approval } = entry.body;
  const room = deps.adminRoom;
  const vagent = { ...entryFrame(delivery, entry).vagent('approval'), approval: approval.id };
  const content = messageContent({
    msgtype: 'm.text',
    text: renderApproval(approval),
    vagent,
    place: { thread: null, replyTo: null },
    mentions: [],
  });
  const prompt = { room, type: 'm.room.message', content, key: promptKey(approval.id) } as const;
  const event = await deps.sender.send(
    delivery,
    prompt,
    (own) => own.type === prompt.type && !own.isEdit && isAbout(approval, own.vagent),
  );
  for (const key of seedsOf(approval)) {
    await seed(deps, delivery, { approval: approval.id, target: event, key, vagent });
  }
  return { writes: deps.prompts.noteAsked(delivery.partition, approval, { room, event }), outcome: 'asked' };
}

/**
 * A reaction to click on, readable in an encrypted room too, as are the answers by it: which is why none is offered
 * where the risk is high. Where the room does not allow it, the written answers are still there.
 */
async function seed(
  deps: AskApprovalDeps,
  delivery: Delivery,
  about: { approval: string; target: string; key: string; vagent: VagentContent },
): Promise<void> {
  const { approval, target, key, vagent } = about;
  const relation = { rel_type: 'm.annotation', event_id: target, key };
  const content = { [vagentContentKey]: vagent, 'm.relates_to': relation };
  const event = { room: deps.adminRoom, type: 'm.reaction', content, key: ['seed', approval, key] } as const;
  const isSame = (own: OwnEvent): boolean =>
    own.type === event.type && isDeepStrictEqual(own.content['m.relates_to'], relation);
  try {
    await deps.sender.send(delivery, event, isSame);
  } catch (error) {
    if (!(error instanceof SendRefusedError)) throw error;
    deps.log.warn(
      { err: error, room: deps.adminRoom },
      'Reaction not offered: reviewers can answer in words',
    );
  }
}

function isAbout(approval: Approval, vagent: { kind: string; approval?: string | undefined }): boolean {
  return vagent.kind === 'approval' && vagent.approval === approval.id;
}
