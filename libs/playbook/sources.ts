import type { z } from 'zod';
import type { Passage } from './playbook.ts';
import type { YamlFile } from './read-yaml.ts';
import type { AgentFile } from './schemas/agent-file.ts';
import type { analysisFile } from './schemas/analysis-file.ts';
import type { FlagsFile } from './schemas/flags-file.ts';
import type { FlowFile } from './schemas/flow-file.ts';
import type { playbookFile } from './schemas/playbook-file.ts';
import type { PoliciesFile } from './schemas/policies-file.ts';
import type { promptFile } from './schemas/prompt-file.ts';
import type { SopFrontMatter } from './schemas/sop-front-matter.ts';
import type { talkFile } from './schemas/talk-file.ts';
import type { ToolsFile } from './schemas/tools-file.ts';

export interface SopSource {
  readonly head: YamlFile<SopFrontMatter>;
  /** Markdown below the front matter. */
  readonly text: string;
}

/** All files of a playbook, each checked by itself. Keys are ids: names of files. */
export interface Sources {
  readonly main: YamlFile<z.output<typeof playbookFile>>;
  readonly policies: YamlFile<PoliciesFile>;
  readonly tools: YamlFile<ToolsFile>;
  readonly flags: YamlFile<FlagsFile>;
  readonly flagsText: string;
  readonly talk: YamlFile<z.output<typeof talkFile>>;
  readonly analysis: YamlFile<z.output<typeof analysisFile>>;
  readonly prompt: YamlFile<z.output<typeof promptFile>>;
  readonly agents: ReadonlyMap<string, YamlFile<AgentFile>>;
  readonly flows: ReadonlyMap<string, YamlFile<FlowFile>>;
  readonly sops: ReadonlyMap<string, SopSource>;
  readonly passages: readonly Passage[];
}
