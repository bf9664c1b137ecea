import { note } from './account.ts';
import { askPerson, summaryOf } from './ask-person.ts';
import type { OpenTurn } from './open-turn.ts';
import { withFileNames } from './say-files.ts';
import type { MessageInput, PersonInput } from './turn.ts';

/** While a person has taken over, what the user writes goes to them, and the bot says nothing. */
export function relayToPerson(turn: OpenTurn, { text, files = [], sender }: MessageInput): boolean {
  const { takeover } = turn.situation;
  if (takeover === null) return false;
  if (Date.parse(turn.at) > Date.parse(takeover.until)) {
    turn.situation = { ...turn.situation, takeover: null };
    turn.notices.push({
      name: 'lapsed',
      text: `${takeover.by} had been silent for long, so the bot answers ${sender} again.`,
      approval: takeover.approval,
    });
    return false;
  }
  note(turn, { kind: 'aside', name: 'takeover' }, 'passed_to_person');
  turn.notices.push({
    name: 'relay',
    text: `${sender}: ${withFileNames(text, files)}`,
    approval: takeover.approval,
  });
  return true;
}

/** Whether a reviewer's words under a prompt ask for the whole conversation. */
export function asksToTakeOver(words: string): boolean {
  return /^\s*take[ -]?over\s*[.!]?\s*$/i.test(words);
}

const handBack = /^\s*(?:!?hand(?:ed)?[ -]?back|back to (?:the )?bot|done)\s*[.!]?\s*$/i;

/** What the person who took over writes goes to the user; "hand back" gives the conversation to the bot again. */
export function relayToUser(turn: OpenTurn, { approval, by, text }: PersonInput): void {
  const { takeover } = turn.situation;
  if (takeover === null && asksToTakeOver(text)) {
    askPerson(turn, summaryOf(turn, `${by} wants to take over.`));
    // The person hears of it when it has happened.
    turn.waits.length = 0;
    return;
  }
  if (takeover === null || takeover.approval !== approval) {
    turn.notices.push({
      name: 'not-yours',
      text: 'Nobody has taken this conversation over (any more), so your words were not passed on.',
      approval,
    });
    return;
  }
  if (handBack.test(text)) {
    turn.situation = { ...turn.situation, takeover: null };
    turn.texts.push('You are talking to the bot again. Ask for a person whenever you need one.');
    turn.notices.push({ name: 'returned', text: `${by} handed the conversation back to the bot.`, approval });
    return;
  }
  turn.situation = { ...turn.situation, takeover: { ...takeover, by, until: untilOf(turn) } };
  turn.texts.push(text);
}

/** Until when a takeover lasts if nobody says anything more, ISO 8601. */
export function untilOf({ at, desk }: OpenTurn): string {
  return new Date(Date.parse(at) + desk.playbook.policies.takeoverIdleSeconds * 1_000).toISOString();
}
