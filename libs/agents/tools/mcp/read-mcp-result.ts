import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { ToolResult } from '#agents/tools/tool';

/** What a server answered, as text and data; pictures, sound and files are named, not kept. */
export function readMcpResult({ content, structuredContent }: CallToolResult): ToolResult {
  const data = z.json().safeParse(structuredContent);
  const text = content.map(describe).join('\n\n').trim();
  if (structuredContent === undefined || !data.success) return { text };
  return { text: text === '' ? JSON.stringify(data.data) : text, data: data.data };
}

function describe(block: CallToolResult['content'][number]): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio':
      return `(${block.type} of type ${block.mimeType} was left out)`;
    case 'resource_link':
      return `${block.name}: ${block.uri}`;
    case 'resource':
      return 'text' in block.resource ? block.resource.text : `(file ${block.resource.uri} was left out)`;
    default:
      return block satisfies never;
  }
}
