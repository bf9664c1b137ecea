import type { Body } from '#contract/bodies';
import { htmlText } from './render-html-text.ts';
import type { RenderedText } from './render-message.ts';
import { visible } from './render-visible.ts';
import { shorten } from './shorten.ts';

const outcomes = {
  pending: ['⏳', 'Undecided'],
  approved: ['✅', 'Approved'],
  edited: ['✏️', 'Approved with changes'],
  rejected: ['❌', 'Rejected'],
  responded: ['💬', 'Answered'],
  expired: ['⏰', 'Expired'],
  cancelled: ['🚫', 'Cancelled'],
} as const;

/** Of what a tool reported or a reviewer answered: the whole of it stands in the reply to whoever asked. */
const saidLength = 1_000;

/** What became of an approval and by whom, above the prompt as it was where that is known. */
export function renderOutcome(
  resolved: Body<'approval.resolved'>,
  prompt: RenderedText | undefined,
): RenderedText {
  const { status, by, approval } = resolved;
  const [sign, word] = outcomes[status ?? 'pending'];
  const { text } = shorten(visible(resolved.text.trim().replaceAll('\n', ' ')), saidLength);
  const said = text || word;
  const unnamed = by.map(visible).filter((id) => !said.includes(id));
  const byWhom = unnamed.length === 0 ? '' : ` (by ${unnamed.join(', ')})`;
  const about = prompt === undefined ? ` (approval ${approval})` : '';
  const lines = [`${sign} ${said}${byWhom}${about}`];
  const [first = '', ...rest] = lines.map(htmlText);
  const html = [`<strong>${first}</strong>`, ...rest].join('<br>');
  return {
    body: [...lines, ...(prompt === undefined ? [] : ['', prompt.body])].join('\n'),
    html: prompt === undefined ? html : `${html}<hr>\n${prompt.html}`,
  };
}
