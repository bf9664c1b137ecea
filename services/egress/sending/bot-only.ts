import type { Speaker, Speakers } from './speaker.ts';

/** The bot says everything itself, whichever agent it is from. */
export function botOnly(bot: Speaker): Speakers {
  return { bot, speakerFor: async () => bot };
}
