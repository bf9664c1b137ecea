import { z } from 'zod';
import type { Budgets } from '#agents/budgets/budgets';
import { builtIn } from '#agents/conversation/ask-person';
import { ToolError } from '#agents/errors';
import { longestDraft } from '#agents/review/check-draft';
import type { Tool } from '#agents/tools/tool';
import type { Action } from '#contract/approval';

const text = (longest: number) =>
  z.string().trim().min(1, 'is empty').max(longest, `is longer than ${longest} characters`);

const sendReply = z.strictObject({ text: text(longestDraft + 1).describe('the reply, Markdown') });
const handOff = z.strictObject({ summary: text(8_000).describe('what a person should know') });
const writeProcedure = z.strictObject({ topic: text(100), request: text(8_000) });
const raiseBudget = z.strictObject({
  scope: z.enum(['user', 'room']),
  who: text(255),
  what: z.enum(['tokens', 'cost', 'steps']),
});

/**
 * The tools that vagent brings by itself. All of them are behind an approval: what they do is the conversation's, when the
 * approval has ended; running them says that it may.
 */
export function createBuiltInTools(budgets: Pick<Budgets, 'raise'>): readonly Tool[] {
  return [
    approved(
      builtIn.sendReply,
      'Sends a reply that a person has read first.',
      sendReply,
      async ({ text: reply }) => ({
        text: 'The reply was sent.',
        data: { text: reply },
      }),
    ),
    approved(
      builtIn.handOff,
      'Lets a person take the conversation over: approve to take over, or answer once.',
      handOff,
      async () => ({
        text: 'A person has taken over.',
      }),
    ),
    approved(
      builtIn.writeProcedure,
      'Asks for a procedure that the playbook lacks: answer with its steps.',
      writeProcedure,
      async () => {
        throw new ToolError(builtIn.writeProcedure, 'A procedure is given by answering with its words', {
          wasApplied: 'no',
        });
      },
    ),
    approved(
      builtIn.raiseBudget,
      'Raises the budget of today by as much again.',
      raiseBudget,
      async (budget, { idempotencyKey }) => {
        const limit = await budgets.raise(budget, idempotencyKey);
        return { text: `The limit of today is ${limit} ${budget.what} now.`, data: { limit } };
      },
    ),
  ];
}

function approved<Args extends Action['args']>(
  name: string,
  description: string,
  args: z.ZodType<Args>,
  run: Tool<Args>['run'],
): Tool<Args> {
  return { name, description, args, risk: 'medium', isRepeatable: true, timeoutMs: 10_000, run };
}
