import type { Checked, Problem } from './problem.ts';

const room = /(?<![\w.@])@(room|everyone|channel|here)\b/gi;
const user = /(?<![\w.])@([\w.=/+-]{1,255}):[a-z0-9.-]{1,230}(?::\d{1,5})?/gi;

/** Takes the sign out of what would call people: `@room`, and Matrix user ids, of which the name stays. */
export function checkMentions(draft: string): Checked {
  let count = 0;
  const unmark = (_: string, name: string): string => {
    count += 1;
    return name;
  };
  const text = draft.replaceAll(room, unmark).replaceAll(user, unmark);
  const problem: Problem = { kind: 'mention', why: 'would have called people by name' };
  return { text, problems: count > 0 ? [problem] : [] };
}
