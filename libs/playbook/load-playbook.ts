import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { PlaybookError, type PlaybookProblem } from './errors.ts';
import type { Passage, Playbook, ToolPhrases, ToolPolicy } from './playbook.ts';
import { phrasesFile, playbookFile, policiesFile, toolsFile } from './playbook-schema.ts';
import { readKnowledge } from './read-knowledge.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';
import { resolvePolicies } from './resolve-policies.ts';

export interface LoadOptions {
  /** User ids that decide where a policy names none: those of `REVIEWERS`. */
  readonly reviewers: readonly string[];
  /** The tools that are registered in code, where they are known: others cannot be switched on. */
  readonly registeredTools?: readonly string[];
}

/**
 * Reads a playbook's folder: `playbook.yaml`, `phrases.yaml`, `tools.yaml`, `policies.yaml` and `knowledge/*.md`.
 *
 * @throws {PlaybookError} with every mistake at once, each with file, line, column and a hint.
 */
export async function loadPlaybook(dir: string, options: LoadOptions): Promise<Playbook> {
  const files = await readFiles(dir);
  const problems: PlaybookProblem[] = [...files.problems];
  const read = <Schema extends z.ZodType>(file: string, schema: Schema): YamlFile<z.output<Schema>> => {
    const yaml = readYaml(file, files.texts.get(file) ?? '', schema);
    // A file that could not be read has been reported once.
    if (files.texts.has(file)) problems.push(...yaml.problems);
    return yaml;
  };
  const main = read('playbook.yaml', playbookFile);
  const phrases = read('phrases.yaml', phrasesFile);
  const tools = read('tools.yaml', toolsFile);
  const policies = read('policies.yaml', policiesFile);
  const passages = collectPassages(files.texts, problems);
  problems.push(...checkTools(tools, options.registeredTools));
  const resolved = resolvePolicies(policies, tools.value, options.reviewers);
  problems.push(...resolved.problems);
  if (problems.length > 0 || !main.value || !phrases.value || !tools.value)
    throw new PlaybookError(dir, problems);
  return {
    ...main.value,
    version: versionOf(files.texts),
    passages,
    talk: phrases.value,
    tools: toToolPhrases(tools.value),
    policies: resolved.policies satisfies ReadonlyMap<string, ToolPolicy>,
  };
}

const yamlFiles = ['playbook.yaml', 'phrases.yaml', 'tools.yaml', 'policies.yaml'];
const knowledgeFolder = 'knowledge';

async function readFiles(
  dir: string,
): Promise<{ texts: Map<string, string>; problems: readonly PlaybookProblem[] }> {
  const texts = new Map<string, string>();
  const problems: PlaybookProblem[] = [];
  const missing = (file: string, error: unknown, hint: string): void => {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    problems.push({ file, line: 1, column: 1, message, hint });
  };
  const names = await readdir(join(dir, knowledgeFolder)).catch((error: unknown) => {
    missing(knowledgeFolder, error, 'Add a folder of Markdown files, and check PLAYBOOK_DIR');
    return [];
  });
  const knowledge = names.filter((name) => name.endsWith('.md')).map((name) => `${knowledgeFolder}/${name}`);
  for (const file of [...yamlFiles, ...knowledge.sort()]) {
    try {
      texts.set(file, await readFile(join(dir, file), 'utf8'));
    } catch (error) {
      missing(file, error, 'Add the file, and check PLAYBOOK_DIR');
    }
  }
  return { texts, problems };
}

function collectPassages(
  texts: ReadonlyMap<string, string>,
  problems: PlaybookProblem[],
): readonly Passage[] {
  const passages: Passage[] = [];
  const seen = new Set<string>();
  for (const [file, text] of texts) {
    if (!file.startsWith(`${knowledgeFolder}/`)) continue;
    const read = readKnowledge(file, text);
    problems.push(...read.problems);
    for (const passage of read.passages) {
      if (seen.has(passage.source)) {
        const message = `"${passage.source}" is written twice`;
        problems.push({
          file,
          line: passage.line,
          column: 1,
          message,
          hint: 'Give each section its own heading',
        });
      }
      seen.add(passage.source);
      passages.push(passage);
    }
  }
  return passages;
}

function checkTools(
  tools: YamlFile<z.output<typeof toolsFile>>,
  registered: readonly string[] | undefined,
): PlaybookProblem[] {
  return Object.entries(tools.value ?? {}).flatMap(([name, { phrases, slots }]) => {
    const used = new Set(phrases.flat().flatMap((part) => (part.kind === 'slot' ? [part.name] : [])));
    const unused = Object.keys(slots)
      .filter((slot) => !used.has(slot))
      .map((slot) =>
        tools.problemAt(
          [name, 'slots', slot],
          `slot "${slot}" is in no phrase`,
          `Use {${slot}} in a phrase, or remove it`,
        ),
      );
    if (registered === undefined || registered.includes(name)) return unused;
    const hint = `Registered are: ${registered.join(', ') || 'none'}`;
    return [tools.problemAt([name], `there is no tool "${name}"`, hint), ...unused];
  });
}

function toToolPhrases(tools: z.output<typeof toolsFile>): ReadonlyMap<string, ToolPhrases> {
  return new Map(
    Object.entries(tools).map(([tool, { phrases, slots, example }]) => [
      tool,
      { tool, phrases, slots: new Map(Object.entries(slots)), example },
    ]),
  );
}

function versionOf(texts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [file, text] of texts) hash.update(JSON.stringify([file, text]));
  return hash.digest('hex');
}
