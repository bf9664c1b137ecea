import { Buffer } from 'node:buffer';

/**
 * Bytes of content that still fit into an event once they are encrypted: base64 makes four of three, and of the
 * 65,536 (client-server API, "Size limits") some thousand are the envelope's.
 */
export const encryptedContentBytes = 45_000;

/**
 * Content that fits into an encrypted event. Formatted text goes first: the plain one says the same. What does not fit
 * even so is left to the homeserver, which refuses it with a reason.
 */
export function fitEncrypted(content: object): object {
  if (Buffer.byteLength(JSON.stringify(content)) <= encryptedContentBytes) return content;
  return withoutHtml(content);
}

function withoutHtml(content: object): object {
  const left = Object.entries(content).filter(([name]) => name !== 'format' && name !== 'formatted_body');
  return Object.fromEntries(
    left.map(([name, value]) =>
      name === 'm.new_content' && typeof value === 'object' && value !== null
        ? [name, withoutHtml(value)]
        : [name, value],
    ),
  );
}
