import type { PlaybookProblem } from './errors.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';
import { type FlagsFile, flagsFile } from './schemas/flags-file.ts';

/** Reads `flags.json`. JSON is YAML too, and so its mistakes have places. */
export function readFlags(file: string, text: string): YamlFile<FlagsFile> {
  const yaml = readYaml(file, text, flagsFile);
  const problem = jsonProblem(file, text);
  return problem === undefined || yaml.problems.length > 0
    ? yaml
    : { ...yaml, value: undefined, problems: [problem] };
}

function jsonProblem(file: string, text: string): PlaybookProblem | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message.slice(0, 200) : String(error);
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
    const before = text.slice(0, offset);
    return {
      file,
      line: before.split('\n').length,
      column: before.length - before.lastIndexOf('\n'),
      message: `it is no JSON: ${message}`,
      hint: 'Write JSON: names and texts in double quotes, no comments, no comma at the end',
    };
  }
}
