import type { Desk } from '#agents/conversation/desk';
import type { UnderstandInput, Understanding } from '#dialogue/understanding/understanding';

/** The same desk, whose understanding is noted. */
export function observeDesk(
  desk: Desk,
  onInput: (input: UnderstandInput) => void = () => undefined,
): {
  readonly desk: Desk;
  /** Of the last message, since the last call. */
  readonly takeUnderstood: () => Understanding | undefined;
} {
  let last: Understanding | undefined;
  return {
    desk: {
      ...desk,
      understand: async (input) => {
        onInput(input);
        last = await desk.understand(input);
        return last;
      },
    },
    takeUnderstood: () => {
      const taken = last;
      last = undefined;
      return taken;
    },
  };
}
