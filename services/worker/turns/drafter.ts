import type { Delivery } from '#streams/delivery';
import { outputsOf } from './outputs.ts';

export interface Drafter {
  /** Is given the whole text so far, and who speaks; publishes it at a pace that a room can bear. */
  readonly onDraft: (text: string, agent: string | null) => void;
  /** No more drafts; resolves to the revision that the final text gets. Rejects when the lease was lost. */
  finish(): Promise<number>;
}

const typingAfterMs = 300;
const paceMs = [0, 700, 1_000, 1_500, 2_500];

/** Tells the room that a turn takes a moment (typing), and what the model has written so far. */
export function createDrafter(delivery: Delivery, replyTo: string | null): Drafter {
  const output = outputsOf(delivery.entry);
  let revision = 0;
  let latest: { readonly text: string; readonly agent: string | null } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();
  let isFinished = false;

  const save = (write: () => Promise<void>) => {
    saving = saving.then(write);
    // Observed by `finish`; a turn that never gets there has failed for the same reason.
    saving.catch(() => undefined);
  };
  const typing = setTimeout(() => {
    const body = { state: 'typing', replyTo, text: '', approval: null } as const;
    save(() => delivery.save({ outputs: [output('turn.status', 'typing', body)] }));
  }, typingAfterMs);

  const publish = () => {
    timer = undefined;
    const written = latest;
    if (written === undefined || isFinished) return;
    latest = undefined;
    const draft = { reply: delivery.entry.id, ...written, replyTo, revision };
    save(() => delivery.save({ outputs: [output('reply.drafted', `draft-${draft.revision}`, draft)] }));
    revision += 1;
  };

  return {
    onDraft: (text, agent) => {
      if (isFinished || text === '') return;
      latest = { text, agent };
      timer ??= setTimeout(publish, paceMs[Math.min(revision, paceMs.length - 1)]);
    },
    finish: async () => {
      isFinished = true;
      clearTimeout(typing);
      clearTimeout(timer);
      await saving;
      return revision;
    },
  };
}
