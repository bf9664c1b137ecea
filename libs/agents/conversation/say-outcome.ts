import { describeAction, describeActions } from '#agents/actions/describe-action';
import type { ActionFinishedInput } from './turn.ts';

/** Tells the person who asked what became of it. */
export function sayOutcome(input: ActionFinishedInput): string {
  const what = describeActions(input.actions);
  const by = input.decidedBy.length === 0 ? '' : ` by ${new Intl.ListFormat('en').format(input.decidedBy)}`;
  const because = input.reason ? `\n\n${quote(input.reason)}` : '';
  const results = sayResults(input);
  switch (input.outcome) {
    case 'done':
      return `Approved${by} and done: ${what}.${results}`;
    case 'rejected':
      return `Not approved: ${what} was rejected${by}. Nothing was run.${because}`;
    case 'responded':
      return `Instead of approving ${what}, the reviewer${by.replace(' by', '')} answered:${because}`;
    case 'expired':
      return `Nobody decided in time about ${what}, so it was not run. Ask again if you still need it.`;
    case 'refused':
      return `${what} was approved${by} but refused when it was about to run. Nothing was run.${because}${results}`;
    case 'failed':
      return `${what} was approved${by} but did not succeed.${because}${results}`;
    case 'unknown':
      return `${what} was approved${by} and started, but it is not certain that it took effect. A person has to look; it is not run again by itself.${because}${results}`;
    case 'cancelled':
      return `Cancelled: ${what}. Nothing was run.`;
    default:
      return input.outcome satisfies never;
  }
}

/** With several actions each result is led by its action, so that it is clear which ones took effect. */
function sayResults({ actions, results = [] }: ActionFinishedInput): string {
  const [only] = results;
  if (results.length === 1 && only !== undefined) return `\n\n${only.text}`;
  return results
    .map(({ status, text }, index) => {
      const action = actions[index];
      return `\n\n${index + 1}. ${action === undefined ? '' : `${describeAction(action)}: `}${status}. ${text}`;
    })
    .join('');
}

/** As a Markdown quotation. */
export function quote(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}
