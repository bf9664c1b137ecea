import type { PlaybookProblem } from './errors.ts';

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: PlaybookProblem };

/** Bytes of a file as text: UTF-8 without a byte order mark, lines that end with LF, no control characters. */
export function decodeText(file: string, bytes: Uint8Array): Decoded {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(file, bytesBeforeMistake(bytes), 'it is no UTF-8 text', 'Save it as UTF-8');
  }
  const lines = text.replaceAll('\r\n', '\n');
  const control = /[\u0000-\u0008\u000B\u000C\u000D\u000E-\u001F\u007F]/.exec(lines);
  if (control === null) return { ok: true, text: lines };
  const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const before = lines.slice(0, control.index);
  return refuse(file, before, `a control character (U+${code})`, 'Remove it');
}

function refuse(file: string, before: string, message: string, hint: string): Decoded {
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  return { ok: false, problem: { file, line, column, message, hint } };
}

/** The text up to the first byte that is no UTF-8: bytes that are wrong become U+FFFD. */
function bytesBeforeMistake(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  const index = text.indexOf('\uFFFD');
  return index < 0 ? '' : text.slice(0, index);
}
