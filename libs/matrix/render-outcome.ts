import type { Body } from '#contract/bodies';
import { htmlText } from './render-html-text.ts';
import type { RenderedText } from './render-message.ts';
import { visible } from './render-visible.ts';

const headlines = {
  pending: '⏳ Undecided',
  approved: '✅ Approved',
  edited: '✏️ Approved with changes',
  rejected: '❌ Rejected',
  responded: '💬 Answered',
  expired: '⏰ Expired',
  cancelled: '🚫 Cancelled',
} as const;

/** What became of an approval and by whom, above the prompt as it was where that is known. */
export function renderOutcome(
  resolved: Body<'approval.resolved'>,
  prompt: RenderedText | undefined,
): RenderedText {
  const { status, by, approval } = resolved;
  const byWhom = by.length === 0 ? '' : ` by ${by.map(visible).join(', ')}`;
  const headline = `${status === null ? 'Outcome unknown' : headlines[status]}${byWhom}`;
  const note = visible(resolved.text.trim().replaceAll('\n', ' '));
  const lines = [
    prompt === undefined ? `${headline} (approval ${approval})` : headline,
    ...(note === '' ? [] : [note]),
  ];
  const [first = '', ...rest] = lines.map(htmlText);
  const html = [`<strong>${first}</strong>`, ...rest].join('<br>');
  return {
    body: [...lines, ...(prompt === undefined ? [] : ['', prompt.body])].join('\n'),
    html: prompt === undefined ? html : `${html}<hr>\n${prompt.html}`,
  };
}
