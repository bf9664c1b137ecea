import { z } from 'zod';
import type { Approval } from '#contract/approval';
import type { MatrixClient } from '#matrix/matrix-client';
import { renderApproval } from '#matrix/render-approval';
import type { RenderedText } from '#matrix/render-message';
import { txnIdOf } from '#matrix/send-txn-id';
import type { Delivery } from '#streams/delivery';
import { findOwnEvent } from '../sending/find-own-event.ts';
import type { Prompts } from './prompts.ts';

export interface FoundPrompt {
  readonly event: string;
  readonly isOpen: boolean;
  readonly approval: Approval | undefined;
  /** The prompt without how to answer it. */
  readonly text: RenderedText;
}

export interface FindPromptDeps {
  readonly client: MatrixClient;
  readonly prompts: Prompts;
  readonly adminRoom: string;
}

const shownText = z.object({ body: z.string(), formatted_body: z.string() });
/** Approvals wait for hours or days, rarely for weeks. */
const searchedMs = 31 * 24 * 60 * 60_000;

/** The key that an approval's prompt is sent under. */
export function promptKey(id: string): readonly string[] {
  return ['approval', id];
}

/** An approval's prompt in the admin room, from what Redis knows or, where it lost that, from the room itself. */
export async function findPrompt(
  deps: FindPromptDeps,
  delivery: Delivery,
  id: string,
): Promise<FoundPrompt | undefined> {
  const { partition, signal } = delivery;
  const known = await deps.prompts.read(partition, id);
  const record = await deps.prompts.record(partition, id);
  const isOpen =
    (known === undefined || known.state === 'open') && (record?.status ?? 'pending') === 'pending';
  const approval = known?.approval ?? record;
  if (known !== undefined && known.room === deps.adminRoom && approval !== undefined) {
    return { event: known.event, isOpen, approval, text: renderApproval(approval, { isDecided: true }) };
  }
  const found = await findOwnEvent(deps.client, deps.adminRoom, {
    isWanted: ({ type, vagent, isEdit }) =>
      type === 'm.room.message' && !isEdit && vagent.kind === 'approval' && vagent.approval === id,
    mark: txnIdOf(deps.client.userId, deps.adminRoom, promptKey(id)),
    since: delivery.appendedAt - searchedMs,
    signal,
  });
  if (found === undefined) return undefined;
  const shown = shownText.safeParse(found.own?.content);
  if (approval === undefined && !shown.success) return undefined;
  const text =
    approval === undefined
      ? { body: shown.data?.body ?? '', html: shown.data?.formatted_body ?? '' }
      : renderApproval(approval, { isDecided: true });
  return { event: found.id, isOpen, approval, text };
}
