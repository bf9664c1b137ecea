import type { MemorySaver } from '@langchain/langgraph';
import type { Proposal, TurnOutput } from '#agents/conversation/turn';
import type { LaterCheck } from '#dialogue/flows/dialogue';
import type { DialogueStage } from './dialogue-stage.ts';

/** An approval that waits for a reviewer, on a thread of its own. */
export interface Waiting extends Whose {
  readonly proposal: Proposal;
  readonly approvalThread: string;
  readonly interrupt: string;
  readonly expiresAt: number;
  /** Who has approved so far. */
  readonly approvedBy: string[];
}

interface Whose {
  /** The session. */
  readonly thread: string;
  readonly requester: string;
}

/** What happens next by itself. `at` in ms. */
export type Due = Whose & { readonly at: number } & (
    | { readonly kind: 'check'; readonly timer: string; readonly check: LaterCheck }
    | { readonly kind: 'expiry'; readonly waiting: Waiting }
  );

/** What reviewers and the clock have before them while a dialogue is played. */
export interface WaitingRoom {
  /** Takes in what a turn leaves behind: proposals are parked at their interrupts, withdrawn ones go. */
  admit(output: TurnOutput, whose: Whose, now: number): Promise<void>;
  /** The oldest that waits for this tool. @throws {Error} where there is none. */
  find(tool: string): Waiting;
  leave(waiting: Waiting): void;
  /** The tools that are waited for, oldest first. */
  names(): readonly string[];
  /** What is due first, up to a time; it is taken out. */
  nextDue(until: number): Due | undefined;
}

export function createWaitingRoom(
  { actions }: Pick<DialogueStage, 'actions'>,
  saver: MemorySaver,
): WaitingRoom {
  let waiting: readonly Waiting[] = [];
  let checks: readonly Extract<Due, { kind: 'check' }>[] = [];
  const leave = (gone: Waiting): void => {
    waiting = waiting.filter((one) => one !== gone);
  };
  const names = (): string[] => waiting.map(({ proposal }) => toolOf(proposal));
  return {
    admit: async ({ proposals, cancels, later }, whose, now) => {
      for (const gone of waiting.filter(({ proposal }) => cancels.includes(proposal.approval))) {
        leave(gone);
        await saver.deleteThread(gone.approvalThread);
      }
      for (const proposal of proposals) {
        const { approval, actions: asked, policy } = proposal;
        const approvalThread = `approval:${approval}`;
        const interrupt = await actions.ask({ approval, actions: asked }, { thread: approvalThread, saver });
        const expiresAt = now + policy.expiresInSeconds * 1_000;
        waiting = [...waiting, { ...whose, proposal, approvalThread, interrupt, expiresAt, approvedBy: [] }];
      }
      checks = [
        ...checks,
        ...later.map(({ timer, afterSeconds, check }) => {
          return { ...whose, kind: 'check', timer, check, at: now + afterSeconds * 1_000 } as const;
        }),
      ];
    },
    find: (tool) => {
      const found = waiting.find(({ proposal }) => toolOf(proposal) === tool);
      if (found !== undefined) return found;
      throw new Error(`Nothing waits for ${tool}; what waits is ${names().join(', ') || 'nothing'}`);
    },
    leave,
    names,
    nextDue: (until) => {
      const expiries = waiting.map((one) => {
        const { thread, requester, expiresAt } = one;
        return { kind: 'expiry', thread, requester, at: expiresAt, waiting: one } as const;
      });
      const [first] = [...checks, ...expiries]
        .filter(({ at }) => at <= until)
        .toSorted((a, b) => a.at - b.at);
      if (first?.kind === 'check') checks = checks.filter((check) => check !== first);
      if (first?.kind === 'expiry') leave(first.waiting);
      return first;
    },
  };
}

/** All actions of a proposal are of one tool. */
function toolOf({ actions }: Proposal): string {
  return actions[0]?.name ?? '';
}
