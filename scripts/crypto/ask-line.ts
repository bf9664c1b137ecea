import { createInterface } from 'node:readline';
import type { Terminal } from '../cli/terminal.ts';

/**
 * One line from the person at the terminal, or from what is piped in; empty where nothing comes. Secret ones are not
 * shown while they are typed.
 */
export async function askLine(
  { stdin, stdout }: Terminal,
  question: string,
  { isSecret = false }: { readonly isSecret?: boolean } = {},
): Promise<string> {
  stdout.write(question);
  const isTyped = stdin.isTTY === true;
  // Without an output readline leaves the echo to the terminal, or to nobody where it is raw.
  const lines = createInterface({ input: stdin, terminal: isTyped && isSecret, historySize: 0 });
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
      lines.once('SIGINT', () => resolve(''));
    });
  } finally {
    lines.close();
    stdout.write(isTyped && !isSecret ? '' : '\n');
  }
}
