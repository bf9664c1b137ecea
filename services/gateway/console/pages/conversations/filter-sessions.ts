import type { z } from 'zod';
import type { session } from '../../../api/resources.ts';

export type Session = z.infer<typeof session>;

export interface SessionFilter {
  /** Every word must occur somewhere in what the list shows of the conversation. */
  readonly text: string;
  /** A `conversation_state`; empty for any. */
  readonly state: string;
  readonly flow: string;
}

/** The conversations that fit, those with the newest turn first. */
export function filterSessions(sessions: readonly Session[], filter: SessionFilter): Session[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return sessions
    .filter((one) => {
      if (filter.state !== '' && one.conversation_state !== filter.state) return false;
      if (filter.flow !== '' && one.flow !== filter.flow && !one.paused.includes(filter.flow)) return false;
      const haystack = [one.session, one.flow, one.step, one.awaiting, one.conversation_state, ...one.topics]
        .join(' ')
        .toLowerCase();
      return words.every((word) => haystack.includes(word));
    })
    .sort((a, b) => Date.parse(b.lastTurnAt) - Date.parse(a.lastTurnAt));
}

/** What there is to choose from, in alphabetical order. */
export function filterChoices(sessions: readonly Session[]): { states: string[]; flows: string[] } {
  const states = new Set(sessions.map((one) => one.conversation_state));
  const flows = new Set(sessions.flatMap(({ flow, paused }) => (flow === null ? paused : [flow, ...paused])));
  return { states: [...states].sort(), flows: [...flows].sort() };
}
