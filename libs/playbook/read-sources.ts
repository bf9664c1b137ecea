import type { z } from 'zod';
import type { PlaybookProblem } from './errors.ts';
import type { Passage } from './playbook.ts';
import {
  analysisPath,
  isTest,
  mainFile,
  type PlaybookFiles,
  playbookFolders,
  promptPath,
  talkPath,
} from './playbook-files.ts';
import { readFlags } from './read-flags.ts';
import { readKnowledge } from './read-knowledge.ts';
import { readSop } from './read-sop.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';
import { agentFile } from './schemas/agent-file.ts';
import { analysisFile } from './schemas/analysis-file.ts';
import { flowFile } from './schemas/flow-file.ts';
import { idPattern } from './schemas/names.ts';
import { playbookFile } from './schemas/playbook-file.ts';
import { policiesFile } from './schemas/policies-file.ts';
import { promptFile } from './schemas/prompt-file.ts';
import { talkFile } from './schemas/talk-file.ts';
import { toolsFile } from './schemas/tools-file.ts';
import type { Sources } from './sources.ts';

const missingMain: PlaybookProblem = {
  file: mainFile,
  line: 1,
  column: 1,
  message: 'the file cannot be found',
  hint: 'Add it, and check PLAYBOOK_DIR',
};

/** Reads every file by itself, and tells what is wrong in each. */
export function readSources(files: PlaybookFiles): { sources: Sources; problems: PlaybookProblem[] } {
  // Those of tests are told by whoever runs tests.
  const problems: PlaybookProblem[] = files.problems.filter(({ file }) => !isTest(file));
  const textOf = (file: string): string | undefined =>
    Object.hasOwn(files.texts, file) ? files.texts[file] : undefined;
  if (textOf(mainFile) === undefined && !problems.some(({ file }) => file === mainFile))
    problems.push(missingMain);
  const read = <Schema extends z.ZodType>(file: string, schema: Schema): YamlFile<z.output<Schema>> => {
    const text = textOf(file);
    const yaml = readYaml(file, text ?? '', schema);
    // What is not there, or could not be read, has been told, or may be left out.
    if (text !== undefined) problems.push(...yaml.problems);
    return yaml;
  };
  const flagsText = textOf('flags.json') ?? '{"flags":{}}';
  const flags = readFlags('flags.json', flagsText);
  problems.push(...flags.problems);
  const ids = (folder: 'agents' | 'flows' | 'sops'): [id: string, file: string][] =>
    idsIn(folder, files, problems);
  const sops = new Map(ids('sops').map(([id, file]) => [id, readSop(file, textOf(file) ?? '')]));
  for (const { head } of sops.values()) problems.push(...head.problems);
  const sources = {
    main: read(mainFile, playbookFile),
    policies: read('policies.yaml', policiesFile),
    tools: read('tools.yaml', toolsFile),
    flags,
    flagsText,
    talk: read(talkPath, talkFile),
    analysis: read(analysisPath, analysisFile),
    prompt: read(promptPath, promptFile),
    agents: new Map(ids('agents').map(([id, file]) => [id, read(file, agentFile)])),
    flows: new Map(ids('flows').map(([id, file]) => [id, read(file, flowFile)])),
    sops,
    passages: readPassages(files, problems),
  };
  return { sources, problems };
}

function idsIn(
  folder: 'agents' | 'flows' | 'sops',
  { texts }: PlaybookFiles,
  problems: PlaybookProblem[],
): [id: string, file: string][] {
  const ending = playbookFolders[folder];
  return Object.keys(texts)
    .filter((file) => file.startsWith(`${folder}/`) && file.endsWith(ending))
    .sort()
    .flatMap((file) => {
      const id = file.slice(folder.length + 1, -ending.length);
      if (idPattern.test(id) && id.length <= 64) return [[id, file] as [string, string]];
      const message = `"${id.slice(0, 80)}" cannot be an id`;
      const hint = 'Name the file with small letters, digits, _ and -, a letter first';
      problems.push({ file, line: 1, column: 1, message, hint });
      return [];
    });
}

function readPassages({ texts }: PlaybookFiles, problems: PlaybookProblem[]): readonly Passage[] {
  const passages: Passage[] = [];
  const seen = new Set<string>();
  for (const [file, text] of Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!file.startsWith('knowledge/')) continue;
    const read = readKnowledge(file, text);
    problems.push(...read.problems);
    for (const passage of read.passages) {
      if (seen.has(passage.source)) {
        const message = `"${passage.source}" is written twice`;
        const hint = 'Give each section its own heading';
        problems.push({ file, line: passage.line, column: 1, message, hint });
      }
      seen.add(passage.source);
      passages.push(passage);
    }
  }
  return passages;
}
