import { z } from 'zod';
import { ToolError } from '#agents/errors';
import type { Tool } from '#agents/tools/tool';
import type { SafeFetch } from './create-safe-fetch.ts';

const args = z.strictObject({
  url: z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(2_000, 'is longer than 2000 characters')
    .describe('http or https'),
});
const longestText = 8_000;

/** Off unless a playbook names it: whoever lists it lets messages choose what is read, if only from public hosts. */
export function createReadPage(fetchPage: SafeFetch): Tool<z.output<typeof args>> {
  return {
    name: 'read_page',
    description: 'Reads the text of a page of the public internet.',
    args,
    data: z.object({ url: z.string(), text: z.string() }),
    risk: 'low',
    isRepeatable: true,
    timeoutMs: 15_000,
    attempts: 2,
    longestResult: longestText + 2_500,
    run: async ({ url }, { signal }) => {
      const page = await fetchPage(url, { signal });
      if (!page.ok) {
        throw new ToolError('read_page', `The page was not read: ${page.why}.`, {
          wasApplied: 'no',
          retryable: page.mayPass,
        });
      }
      const { pageText } = await import('./page-text.ts');
      const text = pageText(page.text, page.contentType).slice(0, longestText).toWellFormed();
      return { text: `${page.url} says:\n\n${fenced(text)}`, data: { url: page.url, text } };
    },
  };
}

/** As code, with a fence that the text cannot close: what a page says is data, not Markdown of ours. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
