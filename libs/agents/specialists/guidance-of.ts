import { sentencesOf } from './request-kind.ts';

/** Headings of an SOP's section that is written to the person, word by word. */
const replyHeading = /^#{1,6}\s+(?:reply|what to write|answer)\s*$/i;
const heading = /^#{1,6}\s/;
const mostPoints = 5;

/**
 * What an SOP has to tell the person. Its section `Reply` where it has one; else the instructions in it that say what
 * to tell or ask them, turned round: "Ask the person to wait" is "Please wait". All else in an SOP is for whoever
 * follows it, and stays inside.
 */
export function guidanceOf(text: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => replyHeading.test(line));
  if (start >= 0) {
    const rest = lines.slice(start + 1);
    const end = rest.findIndex((line) => heading.test(line));
    return rest
      .slice(0, end < 0 ? rest.length : end)
      .join('\n')
      .trim();
  }
  const points = itemsOf(lines)
    .flatMap((item) => sentencesOf(item).flatMap(turnRound))
    .slice(0, mostPoints);
  return points.length < 2 ? points.join('') : points.map((point) => `- ${point}`).join('\n');
}

/** What a colleague wrote for this very case, said to the person: only its instructions are turned round. */
export function addressed(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const mark = /^\s*(?:(?:\d{1,3}[.)]|[-*+])\s+)?/.exec(line)?.[0] ?? '';
      const said = sentencesOf(line.slice(mark.length)).reduce((text, sentence) => {
        const [turned] = turnRound(sentence);
        return turned === undefined ? text : text.replace(sentence, () => turned);
      }, line.slice(mark.length));
      return `${mark}${said}`;
    })
    .join('\n');
}

/** List items and paragraphs, each in one line. */
function itemsOf(lines: readonly string[]): string[] {
  const items: string[] = [];
  let isOpen = false;
  for (const line of lines) {
    const bare = line.replace(/^\s*(?:\d{1,3}[.)]|[-*+])\s+/, '');
    const isContinued = isOpen && bare === line && line.trim() !== '' && !heading.test(line);
    if (isContinued) items.push(`${items.pop() ?? ''} ${line.trim()}`);
    else if (line.trim() !== '' && !heading.test(line)) items.push(bare.trim());
    isOpen = line.trim() !== '' && !heading.test(line);
  }
  return items;
}

const turns: readonly (readonly [RegExp, (rest: string) => string])[] = [
  [/^(?:ask|tell|advise) (?:the person|them|the user) to (.+)$/i, (rest) => `Please ${rest}`],
  [/^ask (?:the person|them|the user) for (.+)$/i, (rest) => `Please send ${rest}`],
  [
    /^ask (?:the person|them|the user) ((?:whether|if|which|when|where|what|who|how|since) .+)$/i,
    (rest) => `Please tell me ${rest}`,
  ],
  [/^thank (?:the person|them|the user) for (.+)$/i, (rest) => `Thank you for ${rest}`],
  [/^(?:say|tell (?:the person|them|the user)|explain) that (.+)$/i, (rest) => rest],
];

function turnRound(sentence: string): string[] {
  for (const [pattern, turn] of turns) {
    const rest = pattern.exec(sentence)?.[1];
    if (rest !== undefined) return [capitalise(toYou(turn(rest)))];
  }
  return [];
}

function toYou(text: string): string {
  return text
    .replaceAll(/\b(?:the person|they|them) (?:is|are)\b/g, 'you are')
    .replaceAll(/\b(?:the person's|their)\b/g, 'your')
    .replaceAll(/\btheirs\b/g, 'yours')
    .replaceAll(/\b(?:the person|they|them)\b/g, 'you');
}

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
