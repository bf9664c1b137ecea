import { fileURLToPath } from 'node:url';
import { knownNames } from '#agents/known-names';
import { createTools } from '#agents/tools/create-tools';
import { checkTests } from '#playbook/check-tests';
import type { PlaybookProblem } from '#playbook/errors';
import { examinePlaybook } from '#playbook/examine-playbook';
import type { Playbook } from '#playbook/playbook';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { readPlaybookFiles } from '#playbook/read-playbook-files';
import type { Command } from '../cli/command.ts';
import { type Paint, paintFor } from '../cli/paint.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { printable } from '../cli/printable.ts';

const usage = `Usage: vagent playbook check [--dir D] [--json]

Reads a playbook's folder as the worker does, with its labelled set and conversation tests, and tells every mistake:
file, line, column, what is wrong, and what to do. Exits with 1 where there is one. Changes nothing.

  --dir D   the playbook's folder; default PLAYBOOK_DIR, else the example
  --json    one JSON object: {ok, version, counts, problems}
`;

const examplePlaybook = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
/** Who would decide is the worker's setting; where it is not set here, that is not the folder's mistake. */
const someReviewer = '@reviewer:example.org';
const mostShown = 200;

export const check: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, {
      dir: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const dir = values.dir ?? (terminal.env['PLAYBOOK_DIR'] || examplePlaybook);
    const files = await readPlaybookFiles(dir);
    const reviewers = (terminal.env['REVIEWERS'] ?? '').split(',').map((user) => user.trim());
    const given = reviewers.filter((user) => user !== '');
    const options = {
      reviewers: given.length > 0 ? given : [someReviewer],
      code: knownNames(createTools({ recordsUrl: undefined })),
    };
    const { playbook, problems } = examinePlaybook(files, options);
    const all = inOrder([...problems, ...checkTests(files, playbook)]);
    const isFine = playbook !== undefined && all.length === 0;
    const paint = paintFor(terminal);
    if (values.json) terminal.stdout.write(`${JSON.stringify(toJson(playbook, files, all))}\n`);
    else terminal.stdout.write(isFine ? summary(playbook, files, dir, paint) : listed(all, paint));
    return isFine ? 0 : 1;
  },
};

function inOrder(problems: readonly PlaybookProblem[]): PlaybookProblem[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function listed(problems: readonly PlaybookProblem[], paint: Paint): string {
  const lines = problems.slice(0, mostShown).map(({ file, line, column, message, hint }) => {
    const place = printable(`${file}:${line}:${column}`);
    return `${paint('bold', place)} ${printable(message)}. ${paint('cyan', printable(hint))}\n`;
  });
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
  const rest = problems.length > mostShown ? `, the first ${mostShown} of them above` : '';
  return `${lines.join('')}\n${paint('red', count)}${rest}\n`;
}

function countsOf({ agents, flows, sops, passages, tools }: Playbook, { tests }: PlaybookFiles) {
  const dialogues = Object.keys(tests).filter((file) => file.startsWith('dialogues/')).length;
  return {
    agents: agents.size,
    flows: flows.size,
    SOPs: sops.size,
    passages: passages.length,
    tools: tools.size,
    dialogues,
  };
}

function summary(playbook: Playbook, files: PlaybookFiles, dir: string, paint: Paint): string {
  const counts = Object.entries(countsOf(playbook, files)).map(([what, count]) =>
    count === 1 ? `1 ${what.replace(/s$/, '')}` : `${count} ${what}`,
  );
  const version = playbook.version.slice(0, 12);
  const name = printable(`${playbook.name} (${dir})`);
  return `${paint('green', '✓')} ${name} is fine: ${counts.join(', ')}, version ${version}\n`;
}

function toJson(
  playbook: Playbook | undefined,
  files: PlaybookFiles,
  problems: readonly PlaybookProblem[],
): object {
  const found =
    playbook === undefined ? {} : { version: playbook.version, counts: countsOf(playbook, files) };
  return { ok: problems.length === 0, ...found, problems };
}
