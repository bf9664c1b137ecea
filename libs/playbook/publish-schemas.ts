import { z } from 'zod';
import { agentFile } from './schemas/agent-file.ts';
import { analysisFile } from './schemas/analysis-file.ts';
import { dialogueFile } from './schemas/dialogue-file.ts';
import { flagsFile } from './schemas/flags-file.ts';
import { flowFile } from './schemas/flow-file.ts';
import { labelledFile } from './schemas/labelled-file.ts';
import { playbookFile } from './schemas/playbook-file.ts';
import { policiesFile } from './schemas/policies-file.ts';
import { promptFile } from './schemas/prompt-file.ts';
import { sopFrontMatter } from './schemas/sop-front-matter.ts';
import { talkFile } from './schemas/talk-file.ts';
import { toolsFile } from './schemas/tools-file.ts';

const files = {
  playbook: { title: 'playbook.yaml', schema: playbookFile },
  agent: { title: 'agents/<id>.yaml', schema: agentFile },
  flow: { title: 'flows/<id>.yaml', schema: flowFile },
  sop: { title: 'front matter of sops/<id>.md', schema: sopFrontMatter },
  policies: { title: 'policies.yaml', schema: policiesFile },
  tools: { title: 'tools.yaml', schema: toolsFile },
  flags: { title: 'flags.json', schema: flagsFile },
  talk: { title: 'understanding/talk.yaml', schema: talkFile },
  analysis: { title: 'understanding/analysis.yaml', schema: analysisFile },
  prompt: { title: 'understanding/prompt.yaml', schema: promptFile },
  labelled: { title: 'understanding/labelled.yaml', schema: labelledFile },
  dialogue: { title: 'dialogues/<name>.dialogue.yaml', schema: dialogueFile },
};

/**
 * JSON Schemas of a playbook's files for editors, by the name of their own file. Draft 7, which the YAML language
 * server knows best. They say what may be written; names across files are for `vagent playbook check`.
 */
export function publishSchemas(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(files).map(([name, { title, schema }]) => {
      const converted = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
      return [`${name}.schema.json`, { ...converted, title: `vagent: ${title}` }];
    }),
  );
}
