import type { FetchEvent } from './event-memory.ts';

export interface AgentMeantDeps {
  readonly fetchEvent: FetchEvent;
  /** The agent that this user speaks for. */
  readonly agentOf: (userId: string) => string | undefined;
}

/** The agent that a message is for: the one whose ghost it names, or else answers; undefined for the bot at large. */
export async function agentMeant(
  { fetchEvent, agentOf }: AgentMeantDeps,
  { room, replyTo }: { readonly room: string; readonly replyTo: string | null },
  named: string | undefined,
): Promise<string | undefined> {
  if (named !== undefined) return agentOf(named);
  const answered = replyTo === null ? undefined : await fetchEvent(room, replyTo);
  return answered === undefined || answered.kind === 'unreadable' ? undefined : agentOf(answered.sender);
}
