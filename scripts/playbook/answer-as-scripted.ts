import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import { type ChatRequest, calledBefore, forcedFunction, textsOf } from './chat-request.ts';
import { exampleOf } from './example-of.ts';
import type { ChatAnswer } from './send-chat-answer.ts';
import { understoodForm } from './understood-form.ts';

/**
 * What the scripted model answers: the turn's annotations where it is asked to understand, the turn's calls where tools are
 * offered, else a text out of what the prompt holds. Never anything of its own: what is not in the prompt is not said.
 */
export function answerAsScripted(request: ChatRequest, turn: DialogueTurn, said: string): ChatAnswer {
  const forced = forcedFunction(request);
  if (forced !== null) {
    const isUnderstanding = /understand/i.test(forced);
    const form = isUnderstanding ? understoodForm(turn, said) : exampleOf(schemaOf(request, forced), said);
    return { calls: [{ name: forced, arguments: form }] };
  }
  const offered = new Set((request.tools ?? []).map((tool) => tool.function.name));
  const made = new Set(calledBefore(request));
  const due = (turn.calls ?? []).filter(({ name }) => offered.size > 0 && !made.has(name));
  return due.length > 0 ? { calls: due } : { text: turn.writes ?? writeUp(request) };
}

function schemaOf({ tools }: ChatRequest, name: string): unknown {
  return tools?.find((tool) => tool.function.name === name)?.function.parameters;
}

const longestPart = 1_500;

/** From the first numbered source, with its number; else from the sources and results that the prompt marks as data. */
function writeUp(request: ChatRequest): string {
  const system = textsOf(request, 'system').join('\n\n');
  const numbered = /^\[1\] .*\n+([\s\S]*?)(?=\n+\[2\] |$(?![\s\S]))/m.exec(system)?.[1];
  if (numbered !== undefined) return `${numbered.trim().slice(0, longestPart)} [1]`;
  // What an SOP says to the person, or all of what a reviewer wrote, which has no title.
  const reply =
    /^## Reply\n+([\s\S]*?)(?=\n+#{1,6} |\n*<\/data>)/m.exec(system)?.[1] ??
    /^the procedure "", .*:\n<data>\n([\s\S]*?)\n<\/data>/m.exec(system)?.[1];
  const found = textsOf(request, 'tool').map(textOfResult);
  const steps = [...system.matchAll(/\[(?:passed|failed)\] (.+)$/gm)].map(([, text = '']) => text);
  const source = /^source: (.+):\n<data>\n([\s\S]*?)\n<\/data>/m.exec(system);
  const parts = [
    ...[...steps, ...found].filter(Boolean).map((text) => `- ${text}`),
    ...(reply === undefined ? [] : [reply.trim()]),
    ...(source === null ? [] : [`${(source[2] ?? '').slice(0, longestPart)}\n\nSource: ${source[1] ?? ''}`]),
  ];
  const corrected = /the reviewer's reason:\n<data>\n([\s\S]*?)\n<\/data>/.exec(system)?.[1];
  if (corrected !== undefined) parts.unshift(corrected.trim());
  return parts.length === 0 ? 'I do not know that; a colleague can help you.' : parts.join('\n\n');
}

function textOfResult(result: string): string {
  const text = /"text":("(?:[^"\\]|\\.)*")/.exec(result)?.[1];
  return text === undefined ? result.slice(0, longestPart) : String(JSON.parse(text));
}
