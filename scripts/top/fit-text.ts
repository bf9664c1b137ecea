import { graphemeWidth, textWidth } from '../cli/text-width.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** At most so many columns of a text without styles; a cut is shown. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let fitted = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const columns = graphemeWidth(segment);
    if (used + columns > width - 1) break;
    fitted += segment;
    used += columns;
  }
  return `${fitted}…`;
}
