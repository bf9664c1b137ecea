import { readYaml } from './read-yaml.ts';
import { sopFrontMatter } from './schemas/sop-front-matter.ts';
import type { SopSource } from './sources.ts';

/** Splits a SOP into its front matter (YAML between two lines `---`) and its Markdown. */
export function readSop(file: string, written: string): SopSource {
  const lines = written.split('\n');
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (lines[0]?.trimEnd() !== '---' || end < 0) {
    const head = readYaml(file, '', sopFrontMatter);
    const message = 'the file does not begin with its front matter';
    const hint = 'Begin it with a line ---, then title, topics, keywords and steps, then another line ---';
    return { head: { ...head, value: undefined, problems: [head.problemAt([], message, hint)] }, text: '' };
  }
  const head = readYaml(file, lines.slice(1, end).join('\n'), sopFrontMatter, 1);
  const text = lines
    .slice(end + 1)
    .join('\n')
    .trim();
  if (text !== '') return { head, text };
  const empty = { file, line: end + 1, column: 1, message: 'the procedure has no text' };
  return {
    head: { ...head, problems: [...head.problems, { ...empty, hint: 'Write below the front matter' }] },
    text,
  };
}
