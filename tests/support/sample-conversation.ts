import { MemorySaver } from '@langchain/langgraph';
import { buildConversationGraph } from '#agents/conversation/build-conversation-graph';
import { createLocalProcedures } from '#agents/conversation/create-local-procedures';
import type { ActionFinishedInput, MessageInput, TurnInput, TurnOutput } from '#agents/conversation/turn';
import type { Command } from '#dialogue/command';
import { type SampleOptions, sampleDesk, sampleReviewer } from './sample-desk.ts';

export const thread = '!room:example.org:main:@ann:example.org';
export const question = (text: string): Command[] => [
  { kind: 'digress', digression: 'question', text, topics: ['billing'] },
];
export const start = (flow: string, slots: Record<string, string> = {}): Command[] => [
  { kind: 'start_flow', flow, slots },
];

export function conversation(options: SampleOptions = {}, saver = new MemorySaver()) {
  const sample = sampleDesk(options);
  const procedures = createLocalProcedures();
  const { desk } = sample;
  const find = async (version: string) => (version === desk.playbook.version ? desk : undefined);
  const graph = buildConversationGraph({ desks: { current: () => desk, find }, procedures });
  const drafts: string[] = [];
  const speakers = new Set<string | null>();
  const take = (input: TurnInput): Promise<TurnOutput> =>
    graph.takeTurn(input, {
      thread,
      saver,
      signal: new AbortController().signal,
      onDraft: (text, agent) => {
        drafts.push(text);
        speakers.add(agent);
      },
    });
  const say = (text: string, at?: string) => take(said(text, at));
  return { ...sample, take, say, saver, drafts, speakers, procedures };
}

let events = 0;
export function said(text: string, at = '2025-01-01T00:00:00.000Z'): MessageInput {
  events += 1;
  return { kind: 'message', text, eventId: `$event${events}`, sender: '@ann:example.org', at };
}

export function ended(
  asked: TurnOutput,
  outcome: ActionFinishedInput['outcome'],
  more: Partial<ActionFinishedInput> = {},
): ActionFinishedInput {
  const [proposal] = asked.proposals;
  if (proposal === undefined) throw new Error('nothing was asked');
  const actions = more.actions ?? proposal.actions;
  const results =
    outcome === 'done' ? [{ status: 'done' as const, text: 'It ran.', data: { state: 'gone' } }] : [];
  const at = '2025-01-01T00:05:00.000Z';
  return {
    kind: 'action_finished',
    approval: proposal.approval,
    outcome,
    actions,
    results,
    decidedBy: [sampleReviewer],
    at,
    ...more,
  };
}
