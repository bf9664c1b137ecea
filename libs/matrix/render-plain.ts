import { withoutPills } from './markdown-without-pills.ts';
import { htmlText } from './render-html-text.ts';
import type { RenderedText } from './render-message.ts';

/** Text that means every sign as it stands: names of tools and users are no Markdown. */
export function renderPlain(text: string): RenderedText {
  const body = withoutPills(text);
  return { body, html: htmlText(body).replaceAll('\n', '<br>') };
}
