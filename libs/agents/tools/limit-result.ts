import { z } from 'zod';
import { type ActionResult, actionResult } from '#agents/actions/action-result';
import { canonicalJson } from '#contract/canonical-json';

const usualLongestText = 4_000;
const largestDataBytes = 16_384;

const toolResult = z.object({ text: z.string(), data: z.json().optional() });

/**
 * Turns what a tool returned into a result that fits a checkpoint and a room: long text is cut and says so, large
 * data is left out and the text says so. What is not a tool result at all still counts as done, because the tool
 * did run.
 *
 * @param longestText in characters.
 */
export function limitResult(returned: unknown, longestText = usualLongestText): ActionResult {
  const read = toolResult.safeParse(returned);
  if (!read.success) {
    return { status: 'done', text: 'It ran, but what it reported could not be read.' };
  }
  const { data } = read.data;
  const bytes = data === undefined ? 0 : Buffer.byteLength(canonicalJson(data));
  const text = cut(read.data.text, longestText);
  if (bytes > largestDataBytes) {
    return actionResult.parse({ status: 'done', text: `${text}\n\n(${bytes} bytes of data were left out.)` });
  }
  return data === undefined ? { status: 'done', text } : { status: 'done', text, data };
}

function cut(text: string, longestText: number): string {
  if (text.length <= longestText) return text.toWellFormed();
  return `${text.slice(0, longestText).toWellFormed()}… (${text.length - longestText} characters were left out.)`;
}
