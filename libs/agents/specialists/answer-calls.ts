import type { Called, Procedure } from '#agents/sops/procedure';
import { digestOf } from '#contract/canonical-json';
import type { ModelCall, Prompt } from '#models/chat-model';

/** What is left to a model in one task. */
export interface CallBudget {
  calls: number;
  mistakes: number;
  /** Calls that have been made: asking again brings nothing new. */
  readonly seen: Set<string>;
}

const longestResult = 6_000;

/** Answers the calls of one step of a model, one after the other; each counts, wrong ones twice over. */
export async function answerCalls(
  calls: readonly ModelCall[],
  procedure: Procedure,
  budget: CallBudget,
): Promise<Prompt[]> {
  const answers: Prompt[] = [];
  let hasMistake = false;
  for (const { id, name, arguments: args } of calls) {
    const called = await answerCall(name, args, procedure, budget);
    hasMistake ||= called.isMistake;
    answers.push({ role: 'tool', callId: id, text: write(called) });
  }
  // A step with several wrong calls is one mistake: the model has not been told of any before.
  if (hasMistake) budget.mistakes -= 1;
  return answers;
}

async function answerCall(
  name: string,
  args: unknown,
  procedure: Procedure,
  budget: CallBudget,
): Promise<Called> {
  budget.calls -= 1;
  if (budget.calls < 0) return refuse('No more calls are possible. Write the reply.');
  if (args === undefined)
    return refuse(`The arguments of ${JSON.stringify(name.slice(0, 60))} were no JSON.`);
  const call = digestOf([name, args]);
  if (budget.seen.has(call)) return refuse('This very call was made before; its answer stands above.');
  budget.seen.add(call);
  return procedure.call(name, args);
}

function refuse(text: string): Called {
  return { status: 'refused', text, isMistake: true };
}

/** As JSON, so that nothing in a result can pass for anything but a value. */
function write({ status, text, data }: Called): string {
  const result = JSON.stringify(data === undefined ? { status, text } : { status, text, data });
  if (result.length <= longestResult) return result;
  const short = text.slice(0, longestResult / 2).toWellFormed();
  return JSON.stringify({
    status,
    text: short,
    note: 'The rest of the result was too long and was left out.',
  });
}
