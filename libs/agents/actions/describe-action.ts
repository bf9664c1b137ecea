import type { Action } from '#contract/approval';
import { canonicalJson } from '#contract/canonical-json';

/** An action in one line of Markdown, its arguments as code: `` `delete_records` with `{"project":"Apollo"}` ``. */
export function describeAction({ name, args }: Pick<Action, 'name' | 'args'>): string {
  return Object.keys(args).length === 0
    ? codeSpan(name)
    : `${codeSpan(name)} with ${codeSpan(canonicalJson(args))}`;
}

/** Several actions, joined to be part of a sentence. */
export function describeActions(actions: readonly Pick<Action, 'name' | 'args'>[]): string {
  return new Intl.ListFormat('en').format(actions.map(describeAction));
}

/** CommonMark's code span: fenced by one backtick more than the text holds in a row. */
function codeSpan(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}
