/** An approval prompt as it can be read from its text. */
export interface PromptCard {
  /** What became of it and by whom, first the verdict; empty while it waits. */
  readonly outcome: readonly string[];
  readonly actions: readonly { readonly name: string; readonly args: string }[];
  /** `Requested by`, `Risk`, `Expires` and so on, in their order. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly code: string;
  readonly risk: string;
}

/** Of a prompt that waits, and of one that was decided. */
const titles = ['Approval needed', 'Approval'];
const actionLine = /^Action \d+ of \d+: (.+), digest [0-9a-f]+$/;
const factLine = /^([A-Z][A-Za-z ]+): (.*)$/;

/** Reads the plain text of a prompt, also once its outcome stands above it; undefined for any other text. */
export function readPrompt(text: string): PromptCard | undefined {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => titles.includes(line));
  if (start < 0) return undefined;
  const actions: { name: string; args: string }[] = [];
  const facts: [string, string][] = [];
  for (const line of lines.slice(start + 1)) {
    const name = actionLine.exec(line)?.[1];
    const last = actions.at(-1);
    const [, fact, value] = factLine.exec(line) ?? [];
    if (name !== undefined) actions.push({ name, args: '' });
    else if (line.startsWith('    ') && last !== undefined) last.args += line.slice(4);
    else if (fact !== undefined && value !== undefined) facts.push([fact, value]);
  }
  const factOf = (name: string): string => facts.find(([fact]) => fact === name)?.[1] ?? '';
  const outcome = lines.slice(0, start).filter((line) => line.trim() !== '');
  return { outcome, actions, facts, code: factOf('Code'), risk: factOf('Risk') };
}
