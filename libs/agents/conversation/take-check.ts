import { askPerson, summaryOf } from './ask-person.ts';
import type { OpenTurn } from './open-turn.ts';
import type { CheckInput } from './turn.ts';
import { useTool } from './use-tool.ts';

/** Looks whether what a flow did has held: silent when it has, else it tells the person and asks a colleague. */
export async function takeCheck(turn: OpenTurn, { check }: CheckInput): Promise<void> {
  const { tool: name, args, flow, failed } = check;
  const outcome = await useTool(turn, { name, args, key: 'check', allowed: undefined });
  if (outcome.status === 'done' && turn.desk.dialogue.isAsExpected(check, outcome.data)) return;
  turn.analysis = { ...turn.analysis, topics: turn.situation.topics };
  const why = outcome.status === 'proposed' ? 'the tool may not be run without asking' : outcome.text;
  turn.texts.push(failed);
  askPerson(turn, summaryOf(turn, `The check after "${flow.replaceAll('_', ' ')}" failed: ${why}`));
}
