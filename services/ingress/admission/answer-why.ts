import type { DecodedEvent } from '#matrix/room-event';
import { BadRequestError, ConflictError, NotFoundError } from '#operations/errors';
import { tellStory } from '#operations/story/tell-story';
import type { Transport } from '#streams/open-transport';
import { answeredIds } from './find-prompt.ts';
import type { Verdict } from './verdict.ts';

export interface WhyDeps {
  readonly tellWhy: (event: string) => Promise<string>;
  /** Who may ask: the reviewers. */
  readonly reviewers: readonly string[];
}

type Message = Extract<DecodedEvent, { kind: 'message' }>;

/** Answers `!vagent why` in the admin room, about the event that is named or answered. Decides nothing, changes nothing. */
export async function answerWhy(deps: WhyDeps, event: Message, about: string | null): Promise<Verdict> {
  if (!deps.reviewers.includes(event.sender)) {
    return { act: 'answer', text: 'Only reviewers may ask why.' };
  }
  const ids = about === null ? answeredIds(event) : [about];
  if (ids.length === 0) {
    return {
      act: 'answer',
      text: 'Why what? Answer a message with "!vagent why", or name it: !vagent why $EVENT',
    };
  }
  let refusal = '';
  for (const id of ids) {
    try {
      return { act: 'answer', text: await deps.tellWhy(id), isMarkdown: true };
    } catch (error) {
      const isTold =
        error instanceof NotFoundError || error instanceof BadRequestError || error instanceof ConflictError;
      if (!isTold) throw error;
      refusal ||= error.message;
    }
  }
  return { act: 'answer', text: refusal };
}

/** The story as Markdown, under a line that says of what. */
export function createTellWhy(transport: Transport): WhyDeps['tellWhy'] {
  return async (event) => (await tellStory(transport, event)).text;
}
