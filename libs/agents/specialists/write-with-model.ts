import type { ChatModel, OfferedTool, Prompt } from '#models/chat-model';
import { ModelError } from '#models/errors';
import { type AgentPromptDeps, agentPrompts } from './agent-prompts.ts';
import { answerCalls } from './answer-calls.ts';
import type { CaseFile, WriteDraft, Written } from './case-file.ts';

export interface ModelWriterDeps extends AgentPromptDeps {
  readonly model: ChatModel;
}

const mostSteps = 8;
const mostCalls = 12;
/** Told once what was wrong; the second time the loop ends. */
const mostMistakes = 2;

/**
 * Works a case with a model, in a bounded loop: it asks for tools, which the procedure grants or refuses, or it writes the
 * draft. Steps that need nothing of it have been taken by code before. Whatever it asks for in the end, what comes out
 * is a draft or a reason why a person has to write it.
 *
 * @throws {ModelError} when the model cannot be reached; not when it writes nonsense.
 */
export function createModelWriter({ model, ...deps }: ModelWriterDeps): WriteDraft {
  return async (file) => {
    await file.procedure.advance({ risky: false });
    const messages: Prompt[] = agentPrompts(file, { ...deps, takesImages: model.takesImages });
    try {
      return (await workWithTools(model, file, messages)) ?? (await writeUp(model, file, messages));
    } catch (error) {
      if (!(error instanceof ModelError) || !isNonsense(error)) throw error;
      return { kind: 'stuck', why: `The model gave nothing that could be used: ${error.message}.` };
    }
  };
}

/** Asking again later would bring the same. */
function isNonsense({ kind }: ModelError): boolean {
  return kind === 'garbage' || kind === 'refused';
}

/** Until it writes; undefined when the loop has to end before. */
async function workWithTools(
  model: ChatModel,
  { run, tools, procedure }: CaseFile,
  messages: Prompt[],
): Promise<Written | undefined> {
  const { signal, onUsage, onDraft } = run;
  const offered = [...tools.values()].map(
    ({ name, description, schema }): OfferedTool => ({ name, description, schema }),
  );
  const budget = { calls: mostCalls, mistakes: mostMistakes, seen: new Set<string>() };
  for (let step = 0; step < mostSteps; step += 1) {
    const { text, calls } = await model.act({ messages, tools: offered, onText: onDraft, signal, onUsage });
    if (calls.length === 0) return { kind: 'draft', text: text.trim() };
    messages.push({ role: 'assistant', text, calls });
    messages.push(...(await answerCalls(calls, procedure, budget)));
    if (budget.calls <= 0 || budget.mistakes <= 0) return undefined;
  }
  return undefined;
}

/** The last word, without tools: from what there is. */
async function writeUp(model: ChatModel, { run }: CaseFile, messages: readonly Prompt[]): Promise<Written> {
  const { signal, onUsage, onDraft } = run;
  const ask = 'No more tools can be used. Write the reply now, from what is known. Say what is still open.';
  const text = await model.write({
    messages: [...messages, { role: 'user', text: ask }],
    onText: onDraft,
    signal,
    onUsage,
  });
  const draft = text.trim();
  return draft === '' ? { kind: 'stuck', why: 'The model wrote nothing.' } : { kind: 'draft', text: draft };
}
