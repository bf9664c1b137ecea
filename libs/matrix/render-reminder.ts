import type { Body } from '#contract/bodies';
import { htmlText } from './render-html-text.ts';
import type { RenderedText } from './render-message.ts';
import { visible } from './render-visible.ts';

/** Asks the reviewers, each as a pill, to decide before the approval expires. */
export function renderReminder(
  { reminder, expiresAt }: Pick<Body<'approval.reminded'>, 'reminder' | 'expiresAt'>,
  reviewers: readonly string[],
): RenderedText {
  const until = `${expiresAt.slice(0, 10)} ${expiresAt.slice(11, 16)} UTC`;
  const text = `Reminder ${reminder}: this approval still waits. Without a decision it expires at ${until} and does not run.`;
  const pills = reviewers.map(
    (id) => `<a href="https://matrix.to/#/${encodeURIComponent(id)}">${htmlText(visible(id))}</a>`,
  );
  return {
    body: [reviewers.map(visible).join(', '), text].filter((part) => part !== '').join(': '),
    html: [pills.join(', '), text].filter((part) => part !== '').join(': '),
  };
}
