/** A fenced block of a page of the author's guide; `info` is what stands behind its fence. */
export interface GuideBlock {
  /** The line of its fence, counted from 1. */
  readonly line: number;
  readonly kind: GuideKind;
  /** A file, relative to the playbook's folder, or to the repository where it begins with `libs/`; a section; or ''. */
  readonly about: string;
  readonly text: string;
}

/**
 * What a block is: a `file` to write, an `edit` of one (`diff`), a mistake to be told (`wrong file`, `wrong edit`) with the
 * `told` lines, a command that ends well (`run`) or with 1 (`fails`) with its `output`, `conditions` of flows one a line, the
 * `defaults` of a section of policies.yaml.
 */
type GuideKind =
  | 'file'
  | 'edit'
  | 'wrong file'
  | 'wrong edit'
  | 'told'
  | 'run'
  | 'fails'
  | 'output'
  | 'conditions'
  | 'defaults';

/**
 * Reads a page's blocks, in their order.
 *
 * @throws {Error} for one of an unknown kind, which nothing would run, and for a file whose path a reader does not see: what
 * stands behind a fence is not shown.
 */
export function readGuidePage(name: string, markdown: string): readonly GuideBlock[] {
  const lines = markdown.split('\n');
  return blocksOf(lines).map(({ line, info, text }) => {
    const known = kindOf(info);
    if (known === undefined) throw new Error(`${name}:${line}: nothing runs a block "${info}"`);
    const { kind, about } = known;
    const above = lines.slice(0, line - 1).findLast((one) => one.trim() !== '');
    if (/file|edit/.test(kind) && above?.includes(`\`${about}\``) !== true)
      throw new Error(`${name}:${line}: the line above does not say that this is ${about}`);
    return { line, text, kind, about };
  });
}

function blocksOf(page: readonly string[]): { line: number; info: string; text: string }[] {
  const blocks: { line: number; info: string; lines: string[] }[] = [];
  let open: (typeof blocks)[number] | undefined;
  for (const [index, text] of page.entries()) {
    const info = /^```(.*)$/.exec(text)?.[1]?.trim();
    if (info === undefined) open?.lines.push(text);
    else if (open === undefined) open = { line: index + 1, info, lines: [] };
    else {
      blocks.push(open);
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`The block of line ${open.line} is not closed`);
  return blocks.map(({ line, info, lines }) => ({ line, info, text: `${lines.join('\n')}\n` }));
}

const plainKinds: Readonly<Record<string, GuideKind>> = {
  'sh run': 'run',
  'sh fails': 'fails',
  'text output': 'output',
  'text told': 'told',
  'yaml conditions': 'conditions',
};

function kindOf(info: string): Pick<GuideBlock, 'kind' | 'about'> | undefined {
  const plain = Object.hasOwn(plainKinds, info) ? plainKinds[info] : undefined;
  if (plain !== undefined) return { kind: plain, about: '' };
  const section = /^yaml defaults ([\w.]+)$/.exec(info)?.[1];
  if (section !== undefined) return { kind: 'defaults', about: section };
  const [, language, wrong, file] = /^(yaml|json|md|ts|js|diff) (wrong )?([\w./-]+\.\w+)$/.exec(info) ?? [];
  if (file === undefined) return undefined;
  const kind = language === 'diff' ? 'edit' : 'file';
  return { kind: wrong === undefined ? kind : `wrong ${kind}`, about: file };
}
