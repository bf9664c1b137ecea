import type { StoryLine } from './story.ts';

/** The story as a list, with what is missing at its end. What is told is data: nothing in it is Markdown. */
export function toMarkdown(lines: readonly StoryLine[], gaps: readonly string[]): string {
  let day = '';
  const items = lines.map(({ at, text, details }) => {
    const [date = '', time = ''] = at === null ? [] : [at.slice(0, 10), at.slice(11, 19)];
    const when = date === '' || date === day ? time : `${date} ${time}`;
    if (date !== '') day = date;
    const first = `- ${when === '' ? '' : `**${when}** `}${plainly(text)}`;
    return [first, ...details.map((detail) => `  - ${plainly(detail)}`)].join('\n');
  });
  const missing =
    gaps.length === 0 ? [] : ['', 'Not known any more:', '', ...gaps.map((gap) => `- ${plainly(gap)}`)];
  return [...items, ...missing].join('\n');
}

function plainly(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`);
}
