import { readFile } from 'node:fs/promises';

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
export type GuideKind =
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

/** Reads a page's blocks, in their order. @throws {Error} for one of an unknown kind: nothing would run it. */
export async function readGuidePage(page: URL): Promise<readonly GuideBlock[]> {
  return blocksOf(await readFile(page, 'utf8')).map(({ line, info, text }) => {
    const known = kindOf(info);
    if (known === undefined) throw new Error(`${page.pathname}:${line}: nothing runs a block "${info}"`);
    return { line, text, ...known };
  });
}

function blocksOf(markdown: string): { line: number; info: string; text: string }[] {
  const blocks: { line: number; info: string; lines: string[] }[] = [];
  let open: (typeof blocks)[number] | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
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
