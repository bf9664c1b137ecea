import { type Conversation, createConversation } from '#agents/conversation/create-conversation';
import { createLocalProcedures } from '#agents/conversation/create-local-procedures';
import type { Procedures } from '#agents/conversation/procedures';
import type { ConversationDeps } from '#agents/conversation/start-turn';
import { createBreakers } from '#agents/tools/create-breakers';
import type { Playbook } from '#playbook/playbook';
import { createDesk, type DeskDeps, type OpenDesk } from './create-desk.ts';

export interface LocalConversation extends Conversation, AsyncDisposable {
  readonly desk: OpenDesk;
  readonly procedures: Procedures;
  readonly deps: ConversationDeps;
}

/** The conversation of one playbook, as a worker has it, without what several versions need: for tests and measurements. */
export async function openLocalConversation(playbook: Playbook, deps: DeskDeps): Promise<LocalConversation> {
  const breakers = createBreakers();
  const desk = await createDesk(playbook, { breakers, ...deps });
  const procedures = createLocalProcedures();
  const desks = {
    current: () => desk,
    find: async (version: string) => (version === playbook.version ? desk : undefined),
  };
  return {
    ...createConversation({ desks, procedures, tools: desk.tools, breakers }),
    desk,
    procedures,
    deps: { desks, procedures },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}
