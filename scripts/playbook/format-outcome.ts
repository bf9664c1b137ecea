import type { Paint } from '../cli/paint.ts';
import type { DialogueOutcome } from './dialogue-outcome.ts';
import type { DialogueProvider } from './dialogue-provider.ts';

const longestText = 600;

/** A line for a dialogue, and for each expectation that was not met its place, and what happened instead. */
export function formatOutcome(
  { name, turns, failures }: DialogueOutcome,
  provider: DialogueProvider,
  ms: number,
  paint: Paint,
): string {
  const mark = failures.length === 0 ? paint('green', '✓') : paint('red', '✗');
  const about = paint('dim', `${provider}, ${turns} ${turns === 1 ? 'turn' : 'turns'}, ${Math.round(ms)} ms`);
  const lines = failures.flatMap(({ file, line, turn, said, expected, instead }) => [
    `    ${paint('bold', `${file}:${line}`)} turn ${turn}: ${cut(said, 80)}`,
    `      expected  ${cut(expected, longestText)}`,
    `      instead   ${cut(instead, longestText)}`,
  ]);
  return `${[`${mark} ${name}  ${about}`, ...lines].join('\n')}\n`;
}

/** What was said, turn by turn. */
export function formatTranscript({ transcript }: DialogueOutcome, paint: Paint): string {
  const lines = transcript.flatMap(({ said, answers, notices, ran, waits }) => [
    `    ${paint('cyan', '>')} ${indent(said)}`,
    ...answers.map((text) => `      ${indent(text)}`),
    ...notices.map((text) => `      ${paint('yellow', 'admin room:')} ${indent(text)}`),
    ...(ran.length === 0 ? [] : [`      ${paint('dim', `ran: ${ran.join(', ')}`)}`]),
    ...(waits.length === 0 ? [] : [`      ${paint('dim', `waits: ${waits.join(', ')}`)}`]),
  ]);
  return `${lines.join('\n')}\n`;
}

function indent(text: string): string {
  return text.trim().replaceAll('\n', '\n      ');
}

function cut(text: string, longest: number): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= longest ? line : `${line.slice(0, longest - 1).toWellFormed()}…`;
}
